package org.carrel.main;

import java.io.IOException;
import org.carrel.domain.route.Place;
import org.carrel.face.picluster.PiClusterFace;
import org.carrel.http.Answer;
import org.carrel.http.Request;
import org.carrel.port.Pages;

/// Our pages, and beside them on the portal's host what an older system said there.
record FacedPages(Pages pages, PiClusterFace face) implements Pages {
    @Override
    public Answer portal(Request request) throws IOException, InterruptedException {
        return PiClusterFace.knows(request.head().path()) ? face.answer(request) : pages.portal(request);
    }

    @Override
    public Answer beside(Request request, Place.Beside place) throws IOException, InterruptedException {
        return pages.beside(request, place);
    }

    @Override
    public Answer besideService(Request request, Place.BesideService place) throws IOException, InterruptedException {
        return pages.besideService(request, place);
    }

    @Override
    public Answer instead(Request request, Place.InSession place, Hindrance hindrance)
            throws IOException, InterruptedException {
        return pages.instead(request, place, hindrance);
    }
}
