/**
 * What happens when, on virtual time. Events of the same time come out in the
 * order in which they went in, so that a run depends on nothing but its seed.
 */
export class EventQueue<Event> {
  // A binary heap in three columns: numbers stay unboxed, and nothing is allocated per event.
  #times: number[] = [];
  #sequences: number[] = [];
  #events: Event[] = [];
  #nextSequence = 0;
  #now = 0;

  /** Time of the event that came out last, in microseconds. */
  get now(): number {
    return this.#now;
  }

  get size(): number {
    return this.#times.length;
  }

  /** Adds an event that happens `delay` microseconds from now. */
  push(delay: number, event: Event): void {
    const time = this.#now + Math.max(0, delay);
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    let at = this.#times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // The new event has the highest sequence, so among equals it stays below.
      if (this.#time(parent) <= time) {
        break;
      }
      this.#move(parent, at);
      at = parent;
    }
    this.#place(at, time, sequence, event);
  }

  /** Takes the next event out and moves time on to it; `undefined` if there is none. */
  pop(): Event | undefined {
    const event = this.#events[0];
    if (event === undefined) {
      return undefined;
    }
    this.#now = this.#time(0);
    const time = this.#times.pop() as number;
    const sequence = this.#sequences.pop() as number;
    const last = this.#events.pop() as Event;
    const size = this.#times.length;
    if (size > 0) {
      this.#place(this.#sink(time, sequence, size), time, sequence, last);
    }
    return event;
  }

  /** Drops everything that waits. */
  clear(): void {
    this.#times = [];
    this.#sequences = [];
    this.#events = [];
  }

  /** Moves events up from the root until the given one fits; returns where. */
  #sink(time: number, sequence: number, size: number): number {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) {
        return at;
      }
      if (child + 1 < size && this.#isBefore(child + 1, this.#time(child), this.#sequence(child))) {
        child += 1;
      }
      if (!this.#isBefore(child, time, sequence)) {
        return at;
      }
      this.#move(child, at);
      at = child;
    }
  }

  #isBefore(at: number, time: number, sequence: number): boolean {
    const own = this.#time(at);
    return own < time || (own === time && this.#sequence(at) < sequence);
  }

  #move(from: number, to: number): void {
    this.#place(to, this.#time(from), this.#sequence(from), this.#events[from] as Event);
  }

  #place(at: number, time: number, sequence: number, event: Event): void {
    this.#times[at] = time;
    this.#sequences[at] = sequence;
    this.#events[at] = event;
  }

  #time(at: number): number {
    return this.#times[at] as number;
  }

  #sequence(at: number): number {
    return this.#sequences[at] as number;
  }
}
