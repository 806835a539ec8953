/// What must be known later: who did what. Nothing here is needed to serve, and nothing here stops anybody who serves.
package org.carrel.ledger;
