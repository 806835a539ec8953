package org.carrel.auth.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.carrel.auth.Account;
import org.carrel.domain.user.Scope;
import org.carrel.domain.user.UserId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserLinesTest {
    private static final String HASH = PasswordHash.of("pw").text();
    /// made by the system's own crypt(3) of `secret`
    private static final String BCRYPT = "$2y$05$bvIG6Nmid91Mu9RcmmWZfOSUJnPNP88kp.Eu9puakB65/9Xoyz6P.";

    @Test
    void users_stand_one_a_line_with_their_groups() {
        UserLines lines = UserLines.parse("# people\n\nada:" + HASH + ":stats, admin\r\nben:" + BCRYPT + "\n");
        assertThat(lines.faults()).isEmpty();
        Account ada = account(lines, "ada");
        assertThat(ada.groups()).containsExactlyInAnyOrder("stats", "admin");
        assertThat(ada.principal().isAdmin()).isTrue();
        assertThat(account(lines, "ben").principal().scopes()).containsExactly(Scope.USE);
    }

    @Test
    void a_bad_line_is_reported_with_its_number_and_the_others_count() {
        UserLines lines = UserLines.parse(
                "ada:plain\nben:" + HASH + "\nBen:" + HASH + "\nben:" + HASH + "\nx\neve:" + HASH + ":a b\n");
        assertThat(lines.entries()).containsOnlyKeys(new UserId("ben"));
        assertThat(lines.faults())
                .hasSize(5)
                .anySatisfy(fault -> assertFault(fault, 1, "the password must be hashed"))
                .anySatisfy(fault -> assertFault(fault, 3, "a user name must match"))
                .anySatisfy(fault -> assertFault(fault, 4, "ben stands here twice"))
                .anySatisfy(fault -> assertFault(fault, 5, "a line is name:hash:groups"))
                .anySatisfy(fault -> assertFault(fault, 6, "a group must match"))
                .noneSatisfy(fault -> assertThat(fault.what()).contains(HASH));
    }

    private static void assertFault(UserLines.Fault fault, int line, String beginning) {
        assertThat(fault.line()).isEqualTo(line);
        assertThat(fault.what()).startsWith(beginning);
    }

    @Test
    void a_file_of_nothing_but_faults_tells_of_the_first_hundred() {
        assertThat(UserLines.parse("x\n".repeat(1_000)).faults())
                .hasSize(UserLines.MAX_FAULTS)
                .endsWith(new UserLines.Fault(100, "a line is name:hash:groups, with 2 or 3 parts, not 1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "-oProxyCommand", "a;id", "../x", "a b", "ádá", "carrel", "local"})
    void names_that_could_mean_something_else_are_no_users(String name) {
        assertThat(UserLines.parse(name + ":" + HASH).entries()).isEmpty();
        assertThat(UserLines.parse("a".repeat(300) + ":" + HASH).entries()).isEmpty();
        assertThat(UserLines.parse("a\u0000:" + HASH).entries()).isEmpty();
    }

    @Test
    void what_was_written_is_read_again() {
        String line = UserLines.line(new UserId("ada"), new PasswordHash(HASH), Set.of("b", "a"));
        assertThat(line).isEqualTo("ada:" + HASH + ":a,b");
        assertThat(account(UserLines.parse(line), "ada").groups()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void another_password_is_another_stamp() {
        String other = PasswordHash.of("pw").text();
        assertThat(account(UserLines.parse("ada:" + HASH), "ada").stamp())
                .isEqualTo(account(UserLines.parse("ada:" + HASH + ":stats"), "ada")
                        .stamp())
                .isNotEqualTo(account(UserLines.parse("ada:" + other), "ada").stamp());
    }

    @Test
    void passwords_hold_in_both_kinds_and_nothing_else_does() {
        assertThat(new PasswordHash(HASH).holds("pw")).isTrue();
        assertThat(new PasswordHash(HASH).holds("pw2")).isFalse();
        assertThat(new PasswordHash(BCRYPT).holds("secret")).isTrue();
        assertThat(new PasswordHash(BCRYPT).holds("secret2")).isFalse();
        assertThat(new PasswordHash(BCRYPT).holds("x".repeat(1000))).isFalse();
    }

    @Test
    void a_hash_that_would_take_the_machine_with_it_is_refused() {
        for (String costly : List.of(
                HASH.replace("m=19456", "m=9999999"),
                HASH.replace("t=2", "t=999"),
                HASH.replace("p=1", "p=99"),
                BCRYPT.replace("$05$", "$31$"),
                HASH.replace("argon2id", "argon2d"),
                "$1$abc$def",
                "")) assertThatThrownBy(() -> new PasswordHash(costly)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Account account(UserLines lines, String user) {
        UserLines.Entry entry = lines.entries().get(new UserId(user));
        assertThat(entry).as(user).isNotNull();
        return entry.account();
    }

    @Test
    void names_of_our_own_are_nobodys() {
        for (String name : List.of("_anybody", "_service.site", "local", "root")) {
            UserLines lines = UserLines.parse(name + ":" + PasswordHash.of("pw").text() + ":admin\n");
            assertThat(lines.entries()).as(name).isEmpty();
            assertThat(lines.faults().getFirst().what()).contains("can't sign in");
        }
    }
}
