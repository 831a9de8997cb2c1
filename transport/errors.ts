/** Bytes that should be a peer frame are none, or none that this member takes. */
export class FrameError extends Error {
  readonly code: string = "FRAME_INVALID";

  constructor(reason: string) {
    super(`Not a peer frame: ${reason}`);
    this.name = "FrameError";
  }
}

/** A frame of another version of the protocol. Its sender has to be told so. */
export class FrameVersionError extends FrameError {
  override readonly code = "FRAME_VERSION";
  readonly version: number;

  constructor(version: number) {
    super(`protocol version ${version} is not spoken here`);
    this.name = "FrameVersionError";
    this.version = version;
  }
}

/** A message of a kind that this version of the protocol does not have. */
export class MessageTypeError extends FrameError {
  override readonly code = "FRAME_MESSAGE_TYPE";
  /** The number that stands for the kind in the frame. */
  readonly messageType: number;

  constructor(messageType: number) {
    super(`unknown type of message ${messageType}`);
    this.name = "MessageTypeError";
    this.messageType = messageType;
  }
}

/** A frame is larger than both sides have agreed to. Nothing of it was read or written. */
export class FrameTooLargeError extends FrameError {
  override readonly code = "FRAME_TOO_LARGE";
  readonly sizeBytes: number;

  constructor(sizeBytes: number, frameBytesMax: number) {
    super(`${sizeBytes} bytes, of at most ${frameBytesMax}`);
    this.name = "FrameTooLargeError";
    this.sizeBytes = sizeBytes;
  }
}

/** A snapshot's stream failed or could not be opened. Of what was sent, nothing counts. */
export class SnapshotStreamError extends Error {
  readonly code = "SNAPSHOT_STREAM";

  constructor(reason: string) {
    super(`Snapshot stream failed: ${reason}`);
    this.name = "SnapshotStreamError";
  }
}
