import test from "ava";
import type { OpenFile } from "../../../storage/mod.ts";
import { ZeroFill } from "../../../storage/wal/zero_fill.ts";
import { SeededRandom } from "../../../testing/mod.ts";

const SIZE_BYTES = 8_192;
const AHEAD_BYTES = 512;
/** Of this length, or a longer one, a frame goes into a hole. */
const LARGE_BYTES = 32;

/** A file that does what it is asked some turns later, in any order. */
class LateFile implements OpenFile {
  readonly bytes = new Uint8Array(SIZE_BYTES);
  readonly #random: SeededRandom;
  #writes = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Why it fails to change its size. */
  failure: Error | null = null;

  /** How many writes there were. */
  get writes(): number {
    return this.#writes;
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    this.#writes += 1;
    await this.#later();
    this.bytes.set(bytes, offset);
  }

  async truncate(): Promise<void> {
    await this.#later();
    if (this.failure !== null) {
      throw this.failure;
    }
  }

  read(): Promise<number> {
    throw new TypeError("nothing reads");
  }

  dataSync(): Promise<void> {
    throw new TypeError("each write is durable by itself");
  }

  size(): Promise<number> {
    return Promise.resolve(SIZE_BYTES);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #later(): Promise<void> {
    for (let turns = this.#random.between(1, 30); turns > 0; turns -= 1) {
      await Promise.resolve();
    }
  }
}

test("ZeroFill never writes zeros over a frame, in whatever order writes are done", async (t) => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = new SeededRandom(seed);
    const file = new LateFile(random);
    const zeros = new ZeroFill({
      file,
      filled: file,
      sizeBytes: SIZE_BYTES,
      end: AHEAD_BYTES,
      aheadBytes: AHEAD_BYTES,
    });
    const expected = new Uint8Array(SIZE_BYTES);
    let offset = 0;
    for (let frames = 1;; frames += 1) {
      const length = random.chance(0.8)
        ? random.between(1, LARGE_BYTES)
        : random.between(LARGE_BYTES, 3 * AHEAD_BYTES);
      if (offset + length > SIZE_BYTES) {
        break;
      }
      const frame = new Uint8Array(length).fill(1 + frames % 255);
      expected.set(frame, offset);
      await zeros.write(frame, offset);
      t.deepEqual(file.bytes.subarray(0, offset + length), expected.subarray(0, offset + length));
      offset += length;
    }
    await zeros.settled();
    t.deepEqual(file.bytes, expected, `seed ${seed}`);
  }
});

test("ZeroFill that has failed begins nothing more, and says so to whoever writes or finishes", async (t) => {
  const file = new LateFile(new SeededRandom(1));
  const zeros = new ZeroFill({
    file,
    filled: file,
    sizeBytes: SIZE_BYTES,
    end: AHEAD_BYTES,
    aheadBytes: AHEAD_BYTES,
  });
  file.failure = new Error("EIO");
  // Over zeros, and zeros ahead of what comes next.
  await zeros.write(new Uint8Array(1), 0);
  await t.throwsAsync(() => zeros.finish(), { message: "EIO" });
  const { writes } = file;
  await t.throwsAsync(() => zeros.write(new Uint8Array(1), 1), { message: "EIO" });
  await t.throwsAsync(() => zeros.write(new Uint8Array(LARGE_BYTES), 1), { message: "EIO" });
  await zeros.settled();
  t.is(file.writes, writes);
});

test("ZeroFill writes a long frame once, and one over zeros without another call", async (t) => {
  const file = new LateFile(new SeededRandom(1));
  const zeros = new ZeroFill({
    file,
    filled: file,
    sizeBytes: SIZE_BYTES,
    end: 0,
    aheadBytes: AHEAD_BYTES,
  });
  await zeros.write(new Uint8Array(4 * AHEAD_BYTES), 0);
  t.is(file.writes, 1);
  await zeros.write(new Uint8Array(1), 4 * AHEAD_BYTES);
  await zeros.settled();
  t.is(file.writes, 4, "zeros, the frame, and zeros ahead of the next one");
});
