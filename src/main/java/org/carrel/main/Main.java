package org.carrel.main;

/// The program's entry.
public final class Main {
    private Main() {}

    static void main(String[] args) {
        System.out.println("carrel: nothing here yet, " + args.length + " words given");
    }
}
