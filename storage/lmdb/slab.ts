/**
 * Bytes per slab. Many records share one, and what is left of the last one of
 * a layer is little beside the layer.
 */
const SLAB_BYTES = 256 * 1024;

/** Larger pieces stay where they are: copying them costs more than it saves. */
const PIECE_BYTES_MAX = 8 * 1024;

/**
 * Copies of small pieces of bytes, side by side in large buffers. Ten thousand
 * buffers of their own would each be traced, moved and freed by the garbage
 * collector, which held up the event loop for longer than the commit does.
 */
export class Slab {
  #bytes = new Uint8Array(0);
  #used = 0;

  copy(piece: Uint8Array): Uint8Array {
    const { length } = piece;
    if (length > PIECE_BYTES_MAX) {
      return piece;
    }
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = start + length;
    this.#bytes.set(piece, start);
    return this.#bytes.subarray(start, this.#used);
  }
}
