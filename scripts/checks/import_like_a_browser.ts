/**
 * Imports the file that is named on the command line, after taking away what
 * Node has and browsers have not. Started by `browser.ts` in its own process.
 */
import { isBuiltin, registerHooks } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [, , path = ""] = process.argv;

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (isBuiltin(specifier)) {
      throw new Error(`${context.parentURL ?? "?"} imports ${specifier}, which browsers lack`);
    }
    return nextResolve(specifier, context);
  },
});
for (const name of ["Buffer", "process", "global", "setImmediate", "clearImmediate", "require"]) {
  Reflect.deleteProperty(globalThis, name);
}

await import(pathToFileURL(path).href);
