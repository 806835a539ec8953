package org.carrel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.carrel.support.Needs;
import org.carrel.support.Needs.Thing;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A real notebook server with the R kernel, used as its page uses it: REST, then the kernel's WebSocket.
@Tag("real")
@Needs(Thing.JUPYTER)
class JupyterTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void one_and_one_is_computed_by_r_through_the_gateway() throws Exception {
        try (RunningCarrel carrel = RunningCarrel.demo()) {
            JsonNode session = carrel.start("ada", "notebook", "default");
            String id = session.get("id").asText();
            String prefix = "/s/" + id;
            String made = carrel.raw("ada", id, "POST", prefix + "/api/kernels", "{\"name\":\"ir\"}");
            assertThat(made).contains("\"id\"");
            String kernel = JSON.readTree(made).path("id").asText();
            try (RawWebSocket channels =
                    carrel.webSocket("ada", id, prefix + "/api/kernels/" + kernel + "/channels?session_id=test")) {
                assertThat(channels.isOpen()).as(channels.statusLine).isTrue();
                channels.sendText(execute("1+1"));
                // the R kernel displays its results
                String result = channels.await(text -> text.contains("\"display_data\""))
                        .orElseThrow();
                JsonNode data = JSON.readTree(result).path("content").path("data");
                assertThat(data.path("text/plain").asText()).isEqualTo("[1] 2");
            }
            // what a user sends counts as use; it shows with the next sample
            RunningCarrel.await("a sample that saw the input", () -> {
                try {
                    return carrel.get("ada", "/api/v1/sessions/" + id).hasNonNull("lastInput");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    /// Source: Jupyter messaging protocol 5.3, "execute_request".
    private static String execute(String code) {
        return "{\"header\":{\"msg_id\":\"m1\",\"username\":\"ada\",\"session\":\"test\",\"msg_type\":\"execute_request\","
                + "\"version\":\"5.3\",\"date\":\"2026-01-01T00:00:00Z\"},\"parent_header\":{},\"metadata\":{},\"channel\":\"shell\","
                + "\"buffers\":[],\"content\":{\"code\":\"" + code + "\",\"silent\":false,\"store_history\":true,"
                + "\"user_expressions\":{},\"allow_stdin\":false,\"stop_on_error\":true}}";
    }
}
