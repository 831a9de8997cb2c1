/** How a stream of events is bounded. */
export interface EventStreamOptions<Event> {
  /** Events that wait for one reader at most. */
  readonly limit: number;
  /** Makes the event that stands for those that were lost. */
  readonly onDropped: (count: number) => Event;
}

/** One reader's way through a stream. Reading ends when the stream does, or by `return`. */
export interface EventReader<Event> extends AsyncIterableIterator<Event, void, void> {
  /** Ends the reading at once, also one that waits for the next event. */
  return(): Promise<IteratorReturnResult<void>>;
}

/**
 * Events for any number of readers. Each reads at its own pace from the moment
 * it was made; one that falls too far behind loses the oldest and is told so by
 * `onDropped`'s event.
 */
export class EventStream<Event> {
  readonly #readers = new Set<Reader<Event>>();
  readonly #options: EventStreamOptions<Event>;
  #hasEnded = false;

  constructor(options: EventStreamOptions<Event>) {
    this.#options = options;
  }

  push(event: Event): void {
    for (const reader of this.#readers) {
      reader.push(event);
    }
  }

  /** Lets the readers read what waits, and end. */
  end(): void {
    this.#hasEnded = true;
    this.#readers.forEach((reader) => reader.end());
    this.#readers.clear();
  }

  /** Begins to read: what is pushed from this call on. */
  read(): EventReader<Event> {
    const reader = new Reader<Event>(this.#options, () => void this.#readers.delete(reader));
    if (this.#hasEnded) {
      reader.end();
    } else {
      this.#readers.add(reader);
    }
    return reader;
  }
}

class Reader<Event> implements EventReader<Event> {
  readonly #options: EventStreamOptions<Event>;
  readonly #onReturned: () => void;
  #waiting: Event[] = [];
  #dropped = 0;
  #hasEnded = false;
  /** Calls of `next` that wait for an event. Invariant: none while an event waits. */
  readonly #calls: ((result: IteratorResult<Event, void>) => void)[] = [];

  constructor(options: EventStreamOptions<Event>, onReturned: () => void) {
    this.#options = options;
    this.#onReturned = onReturned;
  }

  push(event: Event): void {
    const call = this.#calls.shift();
    if (call !== undefined) {
      call({ done: false, value: event });
      return;
    }
    if (this.#waiting.length >= this.#options.limit) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#waiting.push(event);
  }

  end(): void {
    this.#hasEnded = true;
    this.#calls.splice(0).forEach((call) => call(END));
  }

  next(): Promise<IteratorResult<Event, void>> {
    const event = this.#takeWaiting();
    if (event !== undefined) {
      return Promise.resolve({ done: false, value: event.value });
    }
    return this.#hasEnded
      ? Promise.resolve(END)
      : new Promise((resolve) => void this.#calls.push(resolve));
  }

  return(): Promise<IteratorReturnResult<void>> {
    this.#waiting = [];
    this.#dropped = 0;
    this.#onReturned();
    this.end();
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #takeWaiting(): { readonly value: Event } | undefined {
    if (this.#dropped > 0) {
      const value = this.#options.onDropped(this.#dropped);
      this.#dropped = 0;
      return { value };
    }
    const [value] = this.#waiting.splice(0, 1);
    return value === undefined ? undefined : { value };
  }
}

const END: IteratorReturnResult<void> = { done: true, value: undefined };
