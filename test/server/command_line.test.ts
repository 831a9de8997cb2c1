import test from "ava";
import { type CommandLine, readCommandLine } from "../../server/config/command_line.ts";

const FLAG = "--bootstrap-defrag-threshold-megabytes";
const OLD_FLAG = "--experimental-bootstrap-defrag-threshold-megabytes";
const VARIABLE = "ETCD_BOOTSTRAP_DEFRAG_THRESHOLD_MEGABYTES";
const OLD_VARIABLE = "ETCD_EXPERIMENTAL_BOOTSTRAP_DEFRAG_THRESHOLD_MEGABYTES";

const DEPRECATED = `${OLD_FLAG} is deprecated and gone from etcd 3.7, use ${FLAG}`;
const BOTH = `${DEPRECATED}; both are given, and as in etcd 3.6 ${OLD_FLAG} is the one that counts`;

function read(args: readonly string[], environment: Record<string, string> = {}): CommandLine {
  return readCommandLine({ args, environment }, "1.2.3");
}

for (
  const { args = [], environment = {}, want, warnings, why } of [
    { want: 0, warnings: [], why: "the default" },
    { args: [FLAG, "5"], want: 5, warnings: [], why: "the flag" },
    { environment: { [VARIABLE]: "5" }, want: 5, warnings: [], why: "its variable" },
    { args: [OLD_FLAG, "7"], want: 7, warnings: [DEPRECATED], why: "the deprecated flag" },
    { args: [`${OLD_FLAG.slice(1)}=7`], want: 7, warnings: [DEPRECATED], why: "with one dash" },
    { args: [OLD_FLAG, "0"], want: 0, warnings: [DEPRECATED], why: "never, by the old name" },
    {
      environment: { [OLD_VARIABLE]: "7" },
      want: 7,
      warnings: [DEPRECATED],
      why: "the deprecated flag's variable is known",
    },
    { environment: { [OLD_VARIABLE]: "" }, want: 0, warnings: [], why: "an empty one is none" },
    { args: [OLD_FLAG, "7", FLAG, "5"], want: 7, warnings: [BOTH], why: "etcd takes the old one" },
    { args: [OLD_FLAG, "0", FLAG, "5"], want: 0, warnings: [BOTH], why: "even where it is 0" },
    {
      args: [FLAG, "5"],
      environment: { [OLD_VARIABLE]: "7" },
      want: 7,
      warnings: [BOTH],
      why: "from wherever they come",
    },
    {
      args: [OLD_FLAG, "7"],
      environment: { [VARIABLE]: "5" },
      want: 7,
      warnings: [BOTH],
      why: "from wherever they come",
    },
  ]
) {
  const call = [...Object.entries(environment).map(([key, value]) => `${key}=${value}`), ...args];
  test(`readCommandLine(${call.join(" ")}) defragments from ${want} MB on: ${why}`, (t) => {
    const commandLine = read(args, environment);
    if (commandLine.type !== "run") {
      return t.fail(commandLine.text);
    }
    t.is(commandLine.config.bootstrapDefragThresholdMegabytes, want);
    t.deepEqual(commandLine.warnings, warnings);
  });
}

test("readCommandLine refuses the deprecated flag beside its own variable", (t) => {
  t.throws(() => read([OLD_FLAG, "7"], { [OLD_VARIABLE]: "7" }), {
    code: "CONFIGURATION",
    message: new RegExp(`${OLD_VARIABLE}.* is shadowed by corresponding command-line flag`),
  });
});

test("readCommandLine marks the deprecated flag in its help", (t) => {
  const help = read(["--help"]);
  t.is(help.type, "print");
  t.regex(
    help.type === "print" ? help.text : "",
    new RegExp(`${OLD_FLAG} <megabytes>\\s+deprecated`),
  );
});
