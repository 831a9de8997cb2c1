/** How a test ended; `todo` is one that is only planned. */
export type TestOutcome = "passed" | "failed" | "skipped" | "todo";

/** What one line of TAP says. */
export type TapLine =
  | { readonly type: "result"; readonly outcome: TestOutcome; readonly title: string }
  | { readonly type: "detail"; readonly text: string }
  | { readonly type: "failures"; readonly count: number }
  | { readonly type: "frame" };

const RESULT = /^(not ok|ok) \d+ - (.*?)(?: # (SKIP|TODO))?$/;
const FAILURES = /^# fail (\d+)$/;
const FRAME = /^(TAP version \d+|\d+\.\.\d+|# (tests|pass|skip) \d+| {2}(---|\.\.\.)|)$/;

/** Reads one line of the TAP that AVA writes. */
export function parseTapLine(line: string): TapLine {
  const [, verdict, title, directive] = RESULT.exec(line) ?? [];
  if (title !== undefined) {
    return { type: "result", outcome: outcomeOf(verdict, directive), title };
  }
  const [, failures] = FAILURES.exec(line) ?? [];
  if (failures !== undefined) {
    return { type: "failures", count: Number(failures) };
  }
  return FRAME.test(line) ? { type: "frame" } : { type: "detail", text: line };
}

function outcomeOf(verdict: string | undefined, directive: string | undefined): TestOutcome {
  switch (directive) {
    case "SKIP":
      return "skipped";
    case "TODO":
      return "todo";
    default:
      return verdict === "ok" ? "passed" : "failed";
  }
}
