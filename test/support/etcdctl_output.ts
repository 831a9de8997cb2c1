/**
 * Takes out of what etcdctl printed all that differs between two servers with
 * the same history: where they listen, their version, sizes on disk, raft's
 * counters, and how long things took.
 */
export function comparableOutput(output: string, endpoint: string): string {
  const lines = output.replaceAll(endpoint, "ENDPOINT").split("\n").map(comparableLine);
  return withoutColumns(lines).join("\n");
}

/** Also without the ids, which a server is free to choose. */
export function withoutIds(output: string): string {
  return output
    .replace(/("(?:cluster_id|member_id|ID|leader)":)\d+/g, "$1ID")
    .replace(/^("(?:ClusterID|MemberID|ID|Leader)" : )\d+$/gm, "$1ID")
    .replace(/\b[0-9a-f]{16}\b/g, "ID");
}

function comparableLine(line: string): string {
  if (line.startsWith(`{"level":"`)) {
    // What a client logs of an error; older ones do that for each.
    return /"error":"[^"]*"/.exec(line)?.[0] ?? "";
  }
  return line
    .replace(/(took = ).*$/, "$1TIME")
    .replace(/("took":)"[^"]*"/, `$1"TIME"`)
    .replace(/("Took" : ).*$/, "$1TIME")
    .replace(/("(?:raft_term|raftTerm|raftIndex|raftAppliedIndex|dbSize|dbSizeInUse)":)\d+/g, "$1N")
    .replace(/^("(?:RaftTerm|RaftIndex|RaftAppliedIndex|DBSize|DBSizeInUse)" : )\d+$/, "$1N")
    .replace(/("(?:version|storageVersion)":)"[^"]*"/g, `$1"VERSION"`)
    .replace(/^("(?:Version|StorageVersion)" : )"[^"]*"$/, `$1"VERSION"`)
    .replace(statusLine, "$1, VERSION, SIZE, $2, N, N, N,");
}

/** A simple endpoint status, from the version to raft's applied index, in older and newer forms. */
const statusLine =
  /^(ENDPOINT, [0-9a-f]+), \d+\.\d+\.\d+,.*?, ((?:true|false), (?:true|false)), \d+, \d+, \d+,/;

const UNEQUAL_COLUMNS: ReadonlySet<string> = new Set([
  "VERSION",
  "STORAGE VERSION",
  "DB SIZE",
  "IN USE",
  "PERCENTAGE NOT IN USE",
  "RAFT TERM",
  "RAFT INDEX",
  "RAFT APPLIED INDEX",
  "TOOK",
]);

/** Tables as cells in a row, since the widths of columns follow what is in them. */
function withoutColumns(lines: readonly string[]): string[] {
  const rows = lines.filter((line) => line.startsWith("|")).map(cells);
  const [headings = []] = rows;
  const kept = rows.map((row, at) =>
    row.map((cell, column) => at > 0 && UNEQUAL_COLUMNS.has(headings[column] ?? "") ? "…" : cell)
  ).values();
  return lines.map((line) => {
    if (line.startsWith("+-")) {
      return "+";
    }
    return line.startsWith("|") ? `| ${kept.next().value?.join(" | ")} |` : line;
  });
}

function cells(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}
