package org.carrel.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.carrel.api.ApiException;

/// Exit codes that scripts can trust.
enum Exit {
    OK(0, "done"),
    FAILED(1, "it failed; standard error says why"),
    USAGE(2, "the command line, or what it asks for, is wrong"),
    NOT_SIGNED_IN(3, "no token, or one that doesn't hold"),
    NOT_FOUND(4, "no such app or session"),
    UNAVAILABLE(5, "full, draining, or the server can't be reached: try again later");

    private final int code;
    private final String meaning;

    Exit(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    int code() {
        return code;
    }

    /// for the help of every command
    static Map<String, String> list() {
        Map<String, String> list = new LinkedHashMap<>();
        for (Exit exit : values()) list.put(" " + exit.code, exit.meaning);
        return list;
    }

    static Exit of(Exception thrown) {
        return switch (thrown) {
            case Failure failure -> failure.exit();
            case ApiException answer -> of(answer.status());
            case ConnectException none -> UNAVAILABLE;
            case NoRouteToHostException none -> UNAVAILABLE;
            case UnknownHostException none -> UNAVAILABLE;
            case SocketTimeoutException none -> UNAVAILABLE;
            case IllegalArgumentException wrong -> USAGE;
            default -> FAILED;
        };
    }

    /// @return what to tell the user
    static String sentence(Exception thrown, String server) {
        return switch (thrown) {
            case ApiException answer
            when answer.status() == 401 -> answer.getMessage() + "\nGet a token with: carrel token --save";
            case ConnectException none ->
                "can't reach Carrel at " + server + "; is it running? Another address is given by --url or CARREL_URL";
            case UnknownHostException none -> "there is no host of that name: " + server;
            case SocketTimeoutException none -> "Carrel at " + server + " didn't answer in time";
            case IOException broken -> String.valueOf(broken.getMessage());
            default -> thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
        };
    }

    private static Exit of(int status) {
        return switch (status) {
            case 400 -> USAGE;
            case 401 -> NOT_SIGNED_IN;
            case 404 -> NOT_FOUND;
            case 409, 429, 502, 503, 504 -> UNAVAILABLE;
            default -> FAILED;
        };
    }
}
