/**
 * AVA's command line. Its TAP reporter (8.0.1) dies on a test that timed out or exited, because it
 * expects each error to come with an `originalError`; so here every error is its own.
 */
Object.defineProperty(Error.prototype, "originalError", {
  get() {
    return this;
  },
});

await import("../../node_modules/ava/entrypoints/cli.js");
