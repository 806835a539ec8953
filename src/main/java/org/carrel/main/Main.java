package org.carrel.main;

import java.util.List;
import org.carrel.cli.CarrelCommand;
import org.carrel.cli.Surroundings;

/// The program's entry: commands that start something, from here; commands that ask a running Carrel, from `cli`.
public final class Main {
    private Main() {}

    static void main(String[] args) {
        System.exit(CarrelCommand.line(Surroundings.ofThisProcess(), starting()).execute(args));
    }

    static List<Object> starting() {
        return List.of(new UpCommand(), new DemoCommand(), new CheckCommand(), new WarmCommand());
    }
}
