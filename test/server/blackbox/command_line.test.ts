import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { freePort } from "../../support/free_port.ts";
import { runServer, ServerProcess, urlArgs } from "../../support/server_process.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const ADVERTISED = ["--advertise-client-urls", "http://127.0.0.1:2379"];

for (
  const { args, environment = {}, exitCode, stderr, why } of [
    { args: ["--nope"], exitCode: 2, stderr: /--nope/, why: "an unknown flag is named" },
    { args: ["--name"], exitCode: 2, stderr: /--name/, why: "a flag lacks its value" },
    {
      args: ["--bootstrap-defrag-threshold-megabytes=-1"],
      exitCode: 2,
      stderr: /--bootstrap-defrag-threshold-megabytes.*'-1'.*whole number/,
      why: "not a number of megabytes",
    },
    {
      args: ["--experimental-bootstrap-defrag-threshold-megabytes", "1.5"],
      exitCode: 2,
      stderr: /--experimental-bootstrap-defrag-threshold-megabytes.*'1\.5'.*whole number/,
      why: "not a number of megabytes either, by the deprecated name",
    },
    { args: ["surplus"], exitCode: 2, stderr: /surplus/, why: "there are no arguments" },
    {
      args: ["--listen-client-urls", "nonsense", ...ADVERTISED],
      exitCode: 1,
      stderr: /--listen-client-urls.*nonsense/,
      why: "not a URL",
    },
    {
      args: ["--listen-client-urls", "http://127.0.0.1", ...ADVERTISED],
      exitCode: 1,
      stderr: /--listen-client-urls.*http:\/\/127\.0\.0\.1/,
      why: "the port is required",
    },
    {
      args: ["--listen-client-urls", "http://127.0.0.1:99999", ...ADVERTISED],
      exitCode: 1,
      stderr: /--listen-client-urls.*99999/,
      why: "no such port",
    },
    {
      args: ["--listen-client-urls", "http://127.0.0.1:2379/path", ...ADVERTISED],
      exitCode: 1,
      stderr: /path/,
      why: "a path is not allowed",
    },
    {
      args: ["--listen-client-urls", "ftp://127.0.0.1:2379", ...ADVERTISED],
      exitCode: 1,
      stderr: /ftp:/,
      why: "not a scheme to listen on",
    },
    {
      args: ["--listen-client-urls", "http://kvorum.invalid:2379", ...ADVERTISED],
      exitCode: 1,
      stderr: /kvorum\.invalid/,
      why: "a host to bind is an address or localhost",
    },
    {
      args: ["--listen-client-urls", "http://127.0.0.1:2379"],
      exitCode: 1,
      stderr: /--?advertise-client-urls/,
      why: "what is listened on must be advertised",
    },
    {
      args: ["--name", "from-flag"],
      environment: { ETCD_NAME: "from-environment" },
      exitCode: 1,
      stderr:
        /conflicting environment variable "?ETCD_NAME"? is shadowed by corresponding command-line flag/,
      why: "the flag and its variable are both set",
    },
  ]
) {
  const call = [...Object.entries(environment).map(([key, value]) => `${key}=${value}`), ...args];
  test.serial(`kvorum ${call.join(" ")} ends with ${exitCode}: ${why}`, async (t) => {
    await using directory = await temporaryDirectory();
    const data = join(directory.path, "data");
    const end = await runServer(["--data-dir", data, ...args], { environment });
    t.is(end.exitCode, exitCode, end.stderr);
    t.regex(end.stderr, stderr);
    t.notRegex(end.stderr, /^\s+at /m, "a message, not a stack trace");
    t.false(existsSync(data), "nothing was begun");
  });
}

for (const flag of ["--version", "--help"]) {
  test.serial(`kvorum ${flag} prints and ends with 0`, async (t) => {
    const end = await runServer([flag]);
    t.is(end.exitCode, 0);
    t.is(end.stderr, "");
    t.regex(end.stdout, flag === "--help" ? /--listen-client-urls/ : /^etcd Version: 3\.6\.\d+$/m);
  });
}

test.serial("kvorum takes what a flag would say from ETCD_ variables", async (t) => {
  await using directory = await temporaryDirectory();
  const data = join(directory.path, "from-environment");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await using server = await ServerProcess.startAs({
    args: [],
    environment: {
      ETCD_NAME: "chen",
      ETCD_DATA_DIR: data,
      ETCD_LISTEN_CLIENT_URLS: url,
      ETCD_ADVERTISE_CLIENT_URLS: url,
    },
    port,
    dataDirectory: data,
  });
  const answer = await fetch(`${server.url}/v3/cluster/member/list`, { method: "POST" });
  t.like(await answer.json(), { members: [{ name: "chen", clientURLs: [url] }] });
  t.true(existsSync(join(data, "kvorum.json")));
});

test.serial("kvorum only warns of an ETCD_ variable that it does not know", async (t) => {
  await using server = await ServerProcess.start({ environment: { ETCD_NONSENSE: "1" } });
  t.regex(server.stderr, /warn.*ETCD_NONSENSE/i);
  const end = await server.end("SIGTERM");
  t.is(end.exitCode, 0);
});

test.serial("kvorum takes flags as --flag=value and with a single dash, as etcd does", async (t) => {
  await using directory = await temporaryDirectory();
  const data = join(directory.path, "data");
  const port = await freePort();
  const [, url, , advertised] = urlArgs(port);
  await using server = await ServerProcess.startAs({
    args: [
      `-data-dir=${data}`,
      "-name",
      "dash",
      `--listen-client-urls=${url}`,
      `-advertise-client-urls=${advertised}`,
    ],
    port,
    dataDirectory: data,
  });
  t.regex(server.stdout, /dash/);
});

test.serial("kvorum says on its output where the data is, and how to try it", async (t) => {
  await using server = await ServerProcess.start();
  t.true(server.stdout.includes(server.dataDirectory), server.stdout);
  t.regex(server.stdout, new RegExp(`curl ${server.url}/v3/kv/put`));
  t.regex(server.stdout, new RegExp(`etcdctl --endpoints=${server.endpoint} put`));
});

test.serial("kvorum takes an empty ETCD_ variable for none, as etcd does", async (t) => {
  await using server = await ServerProcess.start({
    environment: { ETCD_NAME: "", ETCD_DATA_DIR: "", ETCD_LISTEN_CLIENT_URLS: "" },
  });
  t.true(server.isRunning);
  t.notRegex(server.stderr, /ETCD_/);
});
