import { type ProgramEnd, runProgram } from "../../support/child_process.ts";
import { startEtcd } from "../../support/etcd_process.ts";
import { comparableOutput, withoutIds } from "../../support/etcdctl_output.ts";
import { ServerProcess } from "../../support/server_process.ts";
import { testWithTools } from "../../support/tool_test.ts";
import { FURTHER_WALK, PROMISED_WALK, type WalkStep } from "./etcdctl_walk.ts";

const WALK: readonly WalkStep[] = [...PROMISED_WALK, ...FURTHER_WALK];

testWithTools(
  ["etcdctl"],
  "etcdctl prints against kvorum what it prints against etcd",
  async (t) => {
    await using server = await ServerProcess.start();
    for (const step of WALK) {
      const end = await etcdctl(step, server.endpoint);
      const command = `etcdctl ${step.args.join(" ")}`;
      const stdout = withoutIds(comparableOutput(end.stdout, server.endpoint));
      if (typeof step.stdout === "object") {
        t.regex(stdout, step.stdout, command);
      } else {
        t.is(stdout, step.stdout ?? "", `${command}\n${end.stderr}`);
      }
      const [, error] = /^Error: (.*)$/m.exec(end.stderr) ?? [];
      t.is(error, step.error, command);
      t.is(end.exitCode, step.exitCode ?? (step.error === undefined ? 0 : 1), command);
    }
  },
);

testWithTools(
  ["etcdctl", "etcd"],
  "etcdctl prints the same against kvorum and against a real etcd, line by line",
  async (t) => {
    await using server = await ServerProcess.start();
    await using etcd = await startEtcd();
    for (const step of WALK) {
      const ours = await etcdctl(step, server.endpoint);
      const theirs = await etcdctl(step, etcd.endpoint);
      t.deepEqual(
        comparable(ours, server.endpoint),
        comparable(theirs, etcd.endpoint),
        `etcdctl ${step.args.join(" ")}`,
      );
    }
  },
);

function etcdctl({ args, input }: WalkStep, endpoint: string): Promise<ProgramEnd> {
  return runProgram("etcdctl", [...args, `--endpoints=${endpoint}`], {
    environment: { ETCDCTL_API: "3" },
    ...(input === undefined ? {} : { input }),
  });
}

function comparable(end: ProgramEnd, endpoint: string): object {
  return {
    exitCode: end.exitCode,
    stdout: comparableOutput(end.stdout, endpoint).split("\n"),
    stderr: comparableOutput(end.stderr, endpoint).split("\n"),
  };
}
