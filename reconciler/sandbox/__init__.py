"""An embedded AWS and an embedded GitHub on loopback, for the tour and the tests; production code never imports it."""
