import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import test, { type ExecutionContext } from "ava";

/** Programs that some tests need and `npm ci` does not bring; in Debian's packages of that name. */
const PACKAGES = { etcdctl: "etcd-client", etcd: "etcd-server", curl: "curl" } as const;

export type TestTool = keyof typeof PACKAGES;

/**
 * Declares a test that needs programs on the `PATH`. Where one is missing, the
 * test is skipped with the reason in its title; but where `CI=true` it fails,
 * since what never runs there is never tested.
 */
export function testWithTools(
  tools: readonly TestTool[],
  title: string,
  run: (t: ExecutionContext) => Promise<void>,
): void {
  const missing = tools.filter((tool) => !isOnPath(tool));
  if (missing.length === 0) {
    test.serial(title, run);
    return;
  }
  const packages = missing.map((tool) => PACKAGES[tool]).join(", ");
  const reason = `no ${missing.join(", ")} on the PATH; Debian: ${packages}`;
  if (process.env["CI"] === "true") {
    test.serial(title, (t) => t.fail(reason));
  } else {
    test.skip(`${title} (skipped: ${reason})`, run);
  }
}

export function isOnPath(tool: TestTool): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) =>
    isExecutable(join(folder, process.platform === "win32" ? `${tool}.exe` : tool))
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
