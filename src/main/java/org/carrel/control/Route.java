package org.carrel.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.carrel.http.Answer;

/// One operation of the REST interface: what the router needs to call it, and what the OpenAPI document says of it.
/// There is one table of these, so that neither can drift from the other.
/// @param id      names the operation for generated clients
/// @param takes   the record its body is read into
/// @param answers what it may answer beyond the errors that every operation shares
record Route(
        String method,
        PathTemplate path,
        String id,
        String summary,
        Access access,
        List<Parameter> parameters,
        Optional<Class<?>> takes,
        List<Outcome> answers,
        Resource resource) {

    Route {
        parameters = List.copyOf(parameters);
        answers = List.copyOf(answers);
    }

    @FunctionalInterface
    interface Resource {
        Answer answer(Call call) throws IOException, InterruptedException;
    }

    /// Who may call it.
    enum Access {
        ANYONE,
        /// name and password with this very request
        PASSWORD,
        /// anybody signed in, with scope `use`
        USE,
        /// scope `admin`
        ADMIN
    }

    /// A parameter behind `?`.
    record Parameter(String name, Type type, String meaning) {
        enum Type {
            TEXT,
            WHOLE_NUMBER,
            YES_OR_NO
        }
    }

    /// @param status  2xx, or an error that is this operation's own
    record Outcome(int status, String meaning, Shape shape) {}

    /// What a body looks like.
    sealed interface Shape {
        record Record(Class<?> type) implements Shape {}

        /// `{items: [...]}`
        record ListOf(Class<?> type) implements Shape {}

        record Text() implements Shape {}

        /// server-sent events
        record Stream() implements Shape {}

        /// any JSON object
        record AnyObject() implements Shape {}

        record Nothing() implements Shape {}

        record Trouble() implements Shape {}

        /// @return media type; empty when there is no body
        default String mediaType() {
            return switch (this) {
                case Record _, ListOf _, AnyObject _ -> "application/json";
                case Text _ -> "text/plain";
                case Stream _ -> "text/event-stream";
                case Trouble _ -> "application/problem+json";
                case Nothing _ -> "";
            };
        }
    }

    static Builder get(String path, String id, String summary) {
        return new Builder("GET", path, id, summary);
    }

    static Builder post(String path, String id, String summary) {
        return new Builder("POST", path, id, summary);
    }

    static Builder delete(String path, String id, String summary) {
        return new Builder("DELETE", path, id, summary);
    }

    /// the media type of its good answer; empty when it has no body
    String produces() {
        return answers.stream()
                .filter(outcome -> outcome.status() < 300)
                .map(outcome -> outcome.shape().mediaType())
                .findFirst()
                .orElse("");
    }

    static final class Builder {
        private final String method;
        private final String path;
        private final String id;
        private final String summary;
        private Access access = Access.USE;
        private Optional<Class<?>> takes = Optional.empty();
        private final List<Parameter> parameters = new ArrayList<>();
        private final List<Outcome> answers = new ArrayList<>();

        private Builder(String method, String path, String id, String summary) {
            this.method = method;
            this.path = path;
            this.id = id;
            this.summary = summary;
        }

        Builder to(Access who) {
            access = who;
            return this;
        }

        Builder takes(Class<?> type) {
            takes = Optional.of(type);
            return this;
        }

        Builder parameter(String name, Parameter.Type type, String meaning) {
            parameters.add(new Parameter(name, type, meaning));
            return this;
        }

        Builder answers(int status, Shape shape, String meaning) {
            answers.add(new Outcome(status, meaning, shape));
            return this;
        }

        Builder fails(int status, String meaning) {
            return answers(status, new Shape.Trouble(), meaning);
        }

        Route by(Resource resource) {
            return new Route(method, new PathTemplate(path), id, summary, access, parameters, takes, answers, resource);
        }
    }
}
