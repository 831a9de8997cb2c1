import type { Operation } from "./operation.ts";

/**
 * A call or a return, in the order of time: a doubly linked list, from which an
 * operation is lifted out with both its events and put back in.
 */
export class TimelineEvent<Input, Output> {
  /** Number of the operation, by the time of its call. */
  readonly number: number;
  readonly operation: Operation<Input, Output>;
  /** For a call, its return; `null` for a return. */
  readonly return: TimelineEvent<Input, Output> | null;
  previous: { next: TimelineEvent<Input, Output> | null } | null = null;
  next: TimelineEvent<Input, Output> | null = null;

  constructor(
    number: number,
    operation: Operation<Input, Output>,
    returned: TimelineEvent<Input, Output> | null,
  ) {
    this.number = number;
    this.operation = operation;
    this.return = returned;
  }

  /** Takes this call, and its return, out of the list. */
  lift(): void {
    this.unlink();
    this.return?.unlink();
  }

  /** Puts this call, and its return, back where they were. Undoes the last `lift` only. */
  unlift(): void {
    this.return?.relink();
    this.relink();
  }

  /** Takes this event alone out of the list. */
  unlink(): void {
    if (this.previous !== null) {
      this.previous.next = this.next;
    }
    if (this.next !== null) {
      this.next.previous = this.previous;
    }
  }

  /** Puts this event alone back where it was. */
  relink(): void {
    if (this.previous !== null) {
      this.previous.next = this;
    }
    if (this.next !== null) {
      this.next.previous = this;
    }
  }
}

/** The events of a history. What is returned stands before the first. */
export function timelineOf<Input, Output>(
  operations: readonly Operation<Input, Output>[],
): { next: TimelineEvent<Input, Output> | null } {
  const calls = [...operations].sort((one, other) => one.call - other.call)
    .map((operation, number) =>
      new TimelineEvent(
        number,
        operation,
        new TimelineEvent<Input, Output>(number, operation, null),
      )
    );
  const events = calls.flatMap((call) => [
    { time: call.operation.call, order: 0, event: call },
    { time: call.operation.return, order: 1, event: call.return },
  ]);
  // What touches overlaps: of the same time, calls come before returns.
  events.sort((one, other) =>
    one.time === other.time
      ? one.order - other.order || (one.event?.number ?? 0) - (other.event?.number ?? 0)
      : one.time < other.time
      ? -1
      : 1
  );
  const head: { next: TimelineEvent<Input, Output> | null } = { next: null };
  let last: { next: TimelineEvent<Input, Output> | null } = head;
  for (const { event } of events) {
    if (event !== null) {
      last.next = event;
      event.previous = last;
      last = event;
    }
  }
  return head;
}
