package org.carrel.telemetry;

import org.carrel.domain.session.SessionKey;
import org.carrel.http.RequestId;
import org.carrel.port.Begun;
import org.carrel.port.Start;
import org.carrel.port.Starts;

/// Counts what is answered to those who ask for sessions, and changes nothing.
public final class CountingStarts implements Starts {
    private final Starts starts;
    private final Metrics metrics;

    public CountingStarts(Starts starts, Metrics metrics) {
        this.starts = starts;
        this.metrics = metrics;
    }

    @Override
    public Begun start(Start start) throws InterruptedException {
        Begun answer = starts.start(start);
        metrics.begun(answer);
        return answer;
    }

    @Override
    public void callOff(SessionKey key, RequestId ticket) {
        starts.callOff(key, ticket);
    }
}
