package org.carrel.launch.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.carrel.launch.process.Accounts.Account;
import org.junit.jupiter.api.Test;

class AccountsTest {
    @Test
    void nobody_sits_down_as_the_system_or_as_nobody() {
        for (String name : new String[] {"root", "daemon", "nobody"}) {
            Account account = Accounts.named(name).orElseThrow();
            assertThat(account.isPersons()).as(name).isFalse();
            assertThat(Accounts.of(account.uid())).map(Account::uid).contains(account.uid());
        }
        assertThat(Accounts.named("no-such-account")).isEmpty();
    }
}
