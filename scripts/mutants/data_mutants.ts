import type { Mutant } from "./mutant.ts";

const DIRECTORY = ["test/server/data_directory.test.ts"];

/** Bugs of what a server keeps of its data directory. */
export const DATA_MUTANTS: readonly Mutant[] = [
  {
    id: "foreign-directory-founded",
    bug: "a member is founded among data that are not its own",
    file: "server/data/data_directory.ts",
    find: "if (names.includes(IDENTITY_FILE) || foreign.length === 0) {",
    replace: "if (names.includes(IDENTITY_FILE) || foreign.length >= 0) {",
    tests: DIRECTORY,
  },
  {
    id: "later-format-read",
    bug: "a data directory of a later format is taken for one of this",
    file: "server/data/member_identity.ts",
    find: "  if (format !== FORMAT_VERSION) {",
    replace: '  if (typeof format !== "number" || format < FORMAT_VERSION) {',
    tests: DIRECTORY,
  },
  {
    id: "backend-ahead-of-log",
    bug: "a backend that holds more than its log is taken for the log's",
    file: "server/data/backend_fit.ts",
    find: "  if (index > lastIndex) {",
    replace: "  if (index > lastIndex && term < 0) {",
    tests: ["test/server/backend_fit.test.ts"],
  },
  {
    id: "other-directory-not-noticed",
    bug: "a later directory of the same member is taken for the one that was opened",
    file: "server/data/directory_guard.ts",
    find: "if (found.incarnation !== identity.incarnation) {",
    replace: "if (found.memberId !== identity.memberId) {",
    tests: ["test/server/directory_guard.test.ts"],
  },
  {
    id: "identity-renamed-before-sync",
    bug: "a member's identity gets its name before it is durable",
    file: "server/data/small_file.ts",
    find: "    await file.dataSync();\n",
    replace: "",
    tests: ["test/server/small_file.test.ts"],
  },
];
