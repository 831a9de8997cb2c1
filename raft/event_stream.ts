/**
 * Events for any number of readers. Each reads at its own pace from the moment
 * it began; one that falls too far behind loses the oldest and is told so by
 * `onDropped`'s event.
 */
export class EventStream<Event> {
  readonly #readers = new Set<Reader<Event>>();
  readonly #limit: number;
  readonly #onDropped: (count: number) => Event;
  #ended = false;

  constructor({ limit, onDropped }: {
    /** Events that wait for one reader at most. */
    readonly limit: number;
    /** Makes the event that stands for those that were lost. */
    readonly onDropped: (count: number) => Event;
  }) {
    this.#limit = limit;
    this.#onDropped = onDropped;
  }

  push(event: Event): void {
    for (const reader of this.#readers) {
      reader.push(event);
    }
  }

  /** Lets the readers read what waits, and end. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) {
      reader.end();
    }
  }

  /** Begins to read: what is pushed from now on. */
  async *read(): AsyncGenerator<Event, void, void> {
    const reader = new Reader<Event>(this.#limit, this.#onDropped);
    if (this.#ended) {
      return;
    }
    this.#readers.add(reader);
    try {
      for (let event = await reader.next(); event !== undefined; event = await reader.next()) {
        yield event.value;
      }
    } finally {
      this.#readers.delete(reader);
    }
  }
}

class Reader<Event> {
  readonly #limit: number;
  readonly #onDropped: (count: number) => Event;
  #waiting: Event[] = [];
  #dropped = 0;
  #ended = false;
  #wake: () => void = () => {};

  constructor(limit: number, onDropped: (count: number) => Event) {
    this.#limit = limit;
    this.#onDropped = onDropped;
  }

  push(event: Event): void {
    if (this.#waiting.length >= this.#limit) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#waiting.push(event);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async next(): Promise<{ readonly value: Event } | undefined> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#dropped > 0) {
      const value = this.#onDropped(this.#dropped);
      this.#dropped = 0;
      return { value };
    }
    const [value] = this.#waiting.splice(0, 1);
    return value === undefined ? undefined : { value };
  }
}
