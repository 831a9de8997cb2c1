/**
 * Loaded into each test process: leaves AVA's own frames out of stack traces. TAP shows only the
 * first frame of a failed test, which should be the line of the test.
 */
Error.prepareStackTrace = (error, frames) => {
  const own = frames.filter((frame) => !/\/node_modules\/ava\//.test(frame.getFileName() ?? ""));
  return [error, ...own.map((frame) => `    at ${frame}`)].join("\n");
};
