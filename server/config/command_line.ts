import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { ConfigurationError } from "./errors.ts";
import {
  DEFAULT_CLIENT_URL,
  parseListenUrl,
  parseUrl,
  type ServerConfig,
} from "./server_config.ts";

/** Where a configuration comes from. */
export interface ConfigurationSources {
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What the command line asks for. */
export type CommandLine =
  | { readonly type: "run"; readonly config: ServerConfig; readonly warnings: readonly string[] }
  /** `--help` or `--version`: print this and exit with 0. */
  | { readonly type: "print"; readonly text: string };

interface FlagValues {
  readonly name: string;
  readonly dataDir?: string;
  readonly listenClientUrls: string;
  readonly advertiseClientUrls: string;
  readonly bootstrapDefragThresholdMegabytes: number;
  readonly experimentalBootstrapDefragThresholdMegabytes?: number;
}

/**
 * Reads etcd's flags (`--name value`, `--name=value`, with one dash or two) and
 * its environment variables (`ETCD_NAME`).
 *
 * @throws {ConfigurationError} naming the flag or the variable that is wrong.
 */
export function readCommandLine(sources: ConfigurationSources, version: string): CommandLine {
  const output: string[] = [];
  const program = flags(version, (text) => output.push(text));
  const environment = environmentArguments(sources.environment);
  try {
    program.parse([...environment.args, ...withTwoDashes(sources.args)], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) {
      return { type: "print", text: output.join("") };
    }
    throw toConfigurationError(error);
  }
  refuseShadowed(environment.names, sources.args);
  const values = program.opts<FlagValues>();
  return {
    type: "run",
    config: toConfig(
      values,
      isGiven(program, "listenClientUrls"),
      isGiven(program, "advertiseClientUrls"),
    ),
    warnings: [
      ...environment.unknown.map((name) => `unrecognized environment variable ${name}`),
      ...deprecationWarnings(program, values),
    ],
  };
}

function flags(version: string, write: (text: string) => void): Command {
  return new Command("kvorum")
    .description(
      "A member of a Kvorum cluster: a key-value store that speaks the etcd v3 protocol.",
    )
    .addHelpText(
      "after",
      "\nEach flag may come from the environment instead: --data-dir from ETCD_DATA_DIR.",
    )
    .addOption(new Option("--name <name>", "human name of this member").default("default"))
    .option("--data-dir <path>", "where the member keeps its data (default: NAME.etcd)")
    .addOption(
      new Option("--listen-client-urls <urls>", "comma-separated URLs to serve clients on")
        .default(DEFAULT_CLIENT_URL),
    )
    .addOption(
      new Option("--advertise-client-urls <urls>", "comma-separated URLs that clients are told")
        .default(DEFAULT_CLIENT_URL),
    )
    .addOption(
      new Option(
        `--${DEFRAG_THRESHOLD} <megabytes>`,
        "defragment at the start what has at least so much free space; 0: never",
      ).default(0).argParser(wholeNumber),
    )
    .addOption(
      new Option(
        `--experimental-${DEFRAG_THRESHOLD} <megabytes>`,
        "deprecated: the same without experimental-, which it overrides as in etcd",
      ).argParser(wholeNumber),
    )
    .version(version, "--version", "print the version")
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => {} });
}

function isGiven(program: Command, option: string): boolean {
  return program.getOptionValueSource(option) !== "default";
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("It is not a whole number.");
  }
  return value;
}

function deprecationWarnings(program: Command, values: FlagValues): string[] {
  if (values.experimentalBootstrapDefragThresholdMegabytes === undefined) {
    return [];
  }
  const old = `--experimental-${DEFRAG_THRESHOLD}`;
  const shadowed = isGiven(program, "bootstrapDefragThresholdMegabytes")
    ? `; both are given, and as in etcd 3.6 ${old} is the one that counts`
    : "";
  return [`${old} is deprecated and gone from etcd 3.7, use --${DEFRAG_THRESHOLD}${shadowed}`];
}

/** Go's flags may have one dash. */
function withTwoDashes(args: readonly string[]): string[] {
  return args.map((argument) => /^-[a-z][a-z-]+(=|$)/.test(argument) ? `-${argument}` : argument);
}

/** etcd 3.6 takes it with `experimental-` in front, too; 3.7 no longer does. */
const DEFRAG_THRESHOLD = "bootstrap-defrag-threshold-megabytes";

const FLAG_NAMES = [
  "name",
  "data-dir",
  "listen-client-urls",
  "advertise-client-urls",
  DEFRAG_THRESHOLD,
  `experimental-${DEFRAG_THRESHOLD}`,
] as const;

interface EnvironmentArguments {
  /** The variables as flags. */
  readonly args: readonly string[];
  /** Names of the flags in them. */
  readonly names: readonly string[];
  /** Variables that start like ours and are none. */
  readonly unknown: readonly string[];
}

function environmentArguments(
  environment: ConfigurationSources["environment"],
): EnvironmentArguments {
  // As in etcd, an empty variable is none.
  const names = FLAG_NAMES.filter((name) => (environment[variableOf(name)] ?? "") !== "");
  const known = new Set(FLAG_NAMES.map(variableOf));
  return {
    args: names.map((name) => `--${name}=${environment[variableOf(name)]}`),
    names,
    unknown: Object.keys(environment).filter((key) => key.startsWith("ETCD_") && !known.has(key))
      .sort(),
  };
}

function variableOf(flag: string): string {
  return `ETCD_${flag.toUpperCase().replaceAll("-", "_")}`;
}

function refuseShadowed(names: readonly string[], args: readonly string[]): void {
  for (const name of names) {
    if (withTwoDashes(args).some((argument) => argument.split("=")[0] === `--${name}`)) {
      throw new ConfigurationError(
        `conflicting environment variable "${
          variableOf(name)
        }" is shadowed by corresponding command-line flag (either unset environment variable or disable flag)`,
      );
    }
  }
}

function toConfigurationError(error: unknown): ConfigurationError {
  const message = error instanceof Error ? error.message : String(error);
  return new ConfigurationError(`${message.replace(/^error: /, "")} (see kvorum --help)`, 2);
}

function toConfig(values: FlagValues, listens: boolean, advertises: boolean): ServerConfig {
  if (listens && !advertises) {
    throw new ConfigurationError(
      "--advertise-client-urls is required when --listen-client-urls is set explicitly",
    );
  }
  const listenClientUrls = urlList("listen-client-urls", values.listenClientUrls);
  const advertiseClientUrls = urlList("advertise-client-urls", values.advertiseClientUrls);
  listenClientUrls.forEach((url) => parseListenUrl("listen-client-urls", url));
  advertiseClientUrls.forEach((url) => parseUrl("advertise-client-urls", url));
  if (values.name === "") {
    throw new ConfigurationError("--name must not be empty");
  }
  return {
    name: values.name,
    dataDirectory: values.dataDir || `${values.name}.etcd`,
    listenClientUrls,
    advertiseClientUrls,
    bootstrapDefragThresholdMegabytes: values.experimentalBootstrapDefragThresholdMegabytes ??
      values.bootstrapDefragThresholdMegabytes,
  };
}

function urlList(flag: string, text: string): string[] {
  const urls = text.split(",").map((url) => url.trim());
  if (urls.some((url) => url === "")) {
    throw new ConfigurationError(`--${flag}: empty URL in ${JSON.stringify(text)}`);
  }
  return urls;
}
