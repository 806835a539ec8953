package org.carrel.support;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// A certificate that its own key has signed, and that key, as PEM files; made by the JDK's keytool.
public record PemFiles(Path certificate, Path key) {
    private static final char[] PASSWORD = "only-in-tests".toCharArray();

    /// for `localhost`, `*.localhost` and 127.0.0.1, for ten years
    public static PemFiles make(Path directory, String name) throws IOException, InterruptedException {
        return make(directory, name, "-keyalg", "EC", "-groupname", "secp256r1");
    }

    /// @param more options of `keytool -genkeypair`
    public static PemFiles make(Path directory, String name, String... more) throws IOException, InterruptedException {
        Path store = directory.resolve(name + ".p12");
        Files.deleteIfExists(store);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-ext",
                "san=dns:localhost,dns:*.localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD)));
        command.addAll(List.of(more));
        if (!command.contains("-validity")) command.addAll(List.of("-validity", "3650"));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes());
        if (keytool.waitFor() != 0) throw new IOException(said);
        PemFiles files = new PemFiles(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD);
            Certificate certificate = keys.getCertificate(name);
            Files.writeString(files.certificate, pem("CERTIFICATE", certificate.getEncoded()));
            Files.writeString(
                    files.key, pem("PRIVATE KEY", keys.getKey(name, PASSWORD).getEncoded()));
        } catch (GeneralSecurityException broken) {
            throw new IOException(broken);
        }
        return files;
    }

    public PemFiles copy(Path directory) throws IOException {
        return new PemFiles(
                Files.copy(certificate, directory.resolve("copy.crt")), Files.copy(key, directory.resolve("copy.key")));
    }

    /// Each file appears whole under the other's name, one after the other, as tools that renew certificates do it.
    public void replace(PemFiles other) throws IOException {
        for (boolean second : new boolean[] {false, true}) {
            Path from = second ? key : certificate;
            Path to = second ? other.key : other.certificate;
            Path beside = to.resolveSibling(to.getFileName() + ".new");
            Files.copy(from, beside);
            Files.move(beside, to, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + what + "-----\n";
    }
}
