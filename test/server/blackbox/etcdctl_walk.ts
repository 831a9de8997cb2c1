/** One command of etcdctl in a walk, and what it prints. */
export interface WalkStep {
  readonly args: readonly string[];
  readonly input?: string;
  /** All of standard output: the text, or a pattern where versions of etcdctl differ. */
  readonly stdout?: string | RegExp;
  /** The error of the server, which etcdctl prints on standard error. Default: none. */
  readonly error?: string;
  /** Default: 1 with an error, else 0. */
  readonly exitCode?: number;
}

const HEADER = (revision: number): string =>
  `"header":{"cluster_id":ID,"member_id":ID,"revision":${revision},"raft_term":N}`;

const FIELDS = (revision: number): string =>
  `"ClusterID" : ID\n"MemberID" : ID\n"Revision" : ${revision}\n"RaftTerm" : N\n`;

/** From the issue: what must work on a fresh member, in this order. */
export const PROMISED_WALK: readonly WalkStep[] = [
  { args: ["put", "chen", "perfect"], stdout: "OK\n" },
  { args: ["get", "chen"], stdout: "chen\nperfect\n" },
  { args: ["put", "k1", "v1"], stdout: "OK\n" },
  { args: ["put", "k2", "v2"], stdout: "OK\n" },
  { args: ["get", "k", "--prefix"], stdout: "k1\nv1\nk2\nv2\n" },
  { args: ["del", "k", "--prefix"], stdout: "2\n" },
  { args: ["get", "k1"], stdout: "" },
  {
    args: ["endpoint", "status", "--write-out=table"],
    stdout: /^\+\n\| ENDPOINT \| ID \|.*\| ERRORS \|.*\n\+\n\| ENDPOINT \| ID \|.*\n\+\n$/,
  },
  // On standard error in 3.4, on standard output later.
  { args: ["endpoint", "health"], stdout: /^(ENDPOINT is healthy: successfully .*\n)?$/ },
  {
    args: ["member", "list", "--write-out=table"],
    stdout: "+\n| ID | STATUS | NAME | PEER ADDRS | CLIENT ADDRS | IS LEARNER |\n+\n" +
      "| ID | started | default | http://localhost:2380 | http://ENDPOINT | false |\n+\n",
  },
];

/** After the walk above, which ended at revision 5: options, formats and errors. */
export const FURTHER_WALK: readonly WalkStep[] = [
  { args: ["put", "k1", "v1"], stdout: "OK\n" },
  { args: ["put", "k1", "v1b", "--prev-kv"], stdout: "OK\nk1\nv1\n" },
  { args: ["put", "k2", "b"], stdout: "OK\n" },
  {
    args: ["put", "k2", "a", "--prev-kv", "-w", "json"],
    stdout: `{${HEADER(9)},"prev_kv":{"key":"azI=","create_revision":8,"mod_revision":8,` +
      `"version":1,"value":"Yg=="}}\n`,
  },
  {
    args: ["put", "k2", "a2", "--prev-kv", "-w", "fields"],
    stdout: `${FIELDS(10)}"PrevKey" : "k2"\n"PrevCreateRevision" : 8\n"PrevModRevision" : 9\n` +
      `"PrevVersion" : 2\n"PrevValue" : "a"\n"PrevLease" : 0\n`,
  },
  { args: ["put", "k1", "--ignore-value"], stdout: "OK\n" },
  { args: ["get", "k1"], stdout: "k1\nv1b\n" },
  { args: ["put", "k1", "kept", "--ignore-lease"], stdout: "OK\n" },
  { args: ["put", "absent", "--ignore-value"], error: "etcdserver: key not found" },
  { args: ["put", "absent", "x", "--ignore-lease"], error: "etcdserver: key not found" },
  { args: ["put", "piped"], input: "from standard input\n", stdout: "OK\n" },
  { args: ["get", "piped"], stdout: "piped\nfrom standard input\n\n" },
  { args: ["put", "umlaut", "größer 日本"], stdout: "OK\n" },
  { args: ["get", "umlaut"], stdout: "umlaut\ngrößer 日本\n" },
  { args: ["get", "umlaut", "--hex"], stdout: /^\\x75\\x6d.*\n\\x67\\x72\\xc3\\xb6.*\n$/ },
  { args: ["get", "k", "--prefix", "--keys-only"], stdout: "k1\n\nk2\n\n" },
  { args: ["get", "k", "--prefix", "--print-value-only"], stdout: "kept\na2\n" },
  { args: ["get", "k1", "--from-key", "--keys-only"], stdout: "k1\n\nk2\n\npiped\n\numlaut\n\n" },
  { args: ["get", "", "--prefix", "--keys-only", "--limit=2"], stdout: "chen\n\nk1\n\n" },
  { args: ["get", "", "--from-key", "--keys-only", "--limit=1"], stdout: "chen\n\n" },
  { args: ["get", "k", "k2", "--keys-only"], stdout: "k1\n\n" },
  { args: ["get", "k2", "k"], stdout: "" },
  {
    args: ["get", "k", "--prefix", "--sort-by=VALUE", "--order=ASCEND"],
    stdout: "k2\na2\nk1\nkept\n",
  },
  {
    args: ["get", "k", "--prefix", "--sort-by=KEY", "--order=DESCEND"],
    stdout: "k2\na2\nk1\nkept\n",
  },
  {
    args: ["get", "k", "--prefix", "--sort-by=MODIFY", "--order=DESCEND", "--limit=1"],
    stdout: "k1\nkept\n",
  },
  {
    args: ["get", "", "--prefix", "--sort-by=CREATE", "--keys-only"],
    stdout: /^chen\n\nk1\n\nk2\n/,
  },
  { args: ["get", "k", "--prefix", "--sort-by=VERSION", "--limit=1"], stdout: "k2\na2\n" },
  { args: ["get", "k1", "--rev=6"], stdout: "k1\nv1\n" },
  { args: ["get", "k1", "--rev=5"], stdout: "" },
  { args: ["get", "k1", "--rev=3"], stdout: "k1\nv1\n" },
  { args: ["get", "chen", "--consistency=s"], stdout: "chen\nperfect\n" },
  {
    args: ["get", "k", "--prefix", "-w", "json"],
    stdout: `{${HEADER(14)},"kvs":[{"key":"azE=","create_revision":6,"mod_revision":12,` +
      `"version":4,"value":"a2VwdA=="},{"key":"azI=","create_revision":8,"mod_revision":10,` +
      `"version":3,"value":"YTI="}],"count":2}\n`,
  },
  { args: ["get", "absent", "-w", "json"], stdout: `{${HEADER(14)}}\n` },
  {
    args: ["get", "k", "--prefix", "--limit=1", "-w", "fields"],
    stdout: `${FIELDS(14)}"Key" : "k1"\n"CreateRevision" : 6\n"ModRevision" : 12\n"Version" : 4\n` +
      `"Value" : "kept"\n"Lease" : 0\n"More" : true\n"Count" : 2\n`,
  },
  { args: ["del", "k1", "--prev-kv"], stdout: "1\nk1\nkept\n" },
  { args: ["del", "k1"], stdout: "0\n" },
  { args: ["del", "k1", "-w", "json"], stdout: `{${HEADER(15)}}\n` },
  { args: ["del", "k2", "-w", "json"], stdout: `{${HEADER(16)},"deleted":1}\n` },
  { args: ["del", "piped", "-w", "fields"], stdout: `${FIELDS(17)}"Deleted" : 1\n` },
  { args: ["put", "", "v"], error: "etcdserver: key is not provided" },
  { args: ["get", ""], error: "etcdserver: key is not provided" },
  { args: ["del", ""], error: "etcdserver: key is not provided" },
  { args: ["put", "k", "v", "--lease=1234"], error: "etcdserver: requested lease not found" },
  {
    args: ["get", "k1", "--rev=999"],
    error: "etcdserver: mvcc: required revision is a future revision",
  },
  {
    args: ["compaction", "999"],
    error: "etcdserver: mvcc: required revision is a future revision",
  },
  { args: ["compaction", "9"], stdout: "compacted revision 9\n" },
  { args: ["compaction", "9"], error: "etcdserver: mvcc: required revision has been compacted" },
  {
    args: ["get", "k1", "--rev=8"],
    error: "etcdserver: mvcc: required revision has been compacted",
  },
  { args: ["get", "k1", "--rev=9"], stdout: "k1\nv1b\n" },
  { args: ["compaction", "12", "--physical"], stdout: "compacted revision 12\n" },
  { args: ["get", "k1", "--rev=12"], stdout: "k1\nkept\n" },
  {
    args: ["get", "k1", "--rev=11"],
    error: "etcdserver: mvcc: required revision has been compacted",
  },
  { args: ["del", "", "--prefix"], stdout: "2\n" },
  { args: ["get", "", "--prefix"], stdout: "" },
  { args: ["put", "again", "1"], stdout: "OK\n" },
  {
    args: ["get", "again", "-w", "json"],
    stdout: `{${HEADER(19)},"kvs":[{"key":"YWdhaW4=","create_revision":19,"mod_revision":19,` +
      `"version":1,"value":"MQ=="}],"count":1}\n`,
  },
  // The time that it took stands behind, from 3.5 on.
  { args: ["defrag"], stdout: /^Finished defragmenting etcd member\[ENDPOINT\](\. took .*)?\n$/ },
  {
    args: ["endpoint", "status"],
    stdout: /^ENDPOINT, ID, VERSION, SIZE, true, false, N, N, N, .*\n$/,
  },
  {
    args: ["endpoint", "status", "-w", "json"],
    stdout:
      /^\[\{"Endpoint":"ENDPOINT","Status":\{"header":\{.*"revision":19,.*"leader":ID,.*\}\}\]\n$/,
  },
  {
    args: ["endpoint", "status", "-w", "fields"],
    stdout: /^"Revision" : 19$[^]*^"Errors" : \[\]$/m,
  },
  {
    args: ["endpoint", "health", "-w", "json"],
    stdout: `[{"endpoint":"ENDPOINT","health":true,"took":"TIME"}]\n`,
  },
  { args: ["endpoint", "health", "-w", "table"], stdout: /^\| ENDPOINT \| true \| … \| {2}\|$/m },
  {
    args: ["member", "list"],
    stdout: "ID, started, default, http://localhost:2380, http://ENDPOINT, false\n",
  },
  {
    args: ["member", "list", "-w", "json"],
    stdout: `{"header":{"cluster_id":ID,"member_id":ID,"raft_term":N},"members":[{"ID":ID,` +
      `"name":"default","peerURLs":["http://localhost:2380"],"clientURLs":["http://ENDPOINT"]}]}\n`,
  },
  {
    args: ["member", "list", "-w", "fields"],
    stdout:
      /"ID" : ID\n"Name" : "default"\n"PeerURL" : "http:\/\/localhost:2380"\n"ClientURL" : "http:\/\/ENDPOINT"\n"IsLearner" : false\n\n$/,
  },
];
