/** A key as it is at some revision. */
export interface KeyValue {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Main revision of the put that began this generation of the key. */
  readonly createRevision: number;
  /** Main revision of the last put. */
  readonly modRevision: number;
  /** How many puts this generation has seen: 1 after the first. */
  readonly version: number;
  /** The lease that the key is attached to: 16 digits of lower-case hex, or empty for none. */
  readonly lease: string;
}
