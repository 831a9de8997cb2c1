/** A port cannot be listened on. */
export class ListenError extends Error {
  readonly code = "LISTEN";
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`Cannot listen on ${url}: ${reasonOf(cause)}`, { cause });
    this.name = "ListenError";
    this.url = url;
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Error && "code" in cause) {
    switch (cause.code) {
      case "EADDRINUSE":
        return "the address is already in use; stop the program that has it, or choose another port with --listen-client-urls and --advertise-client-urls";
      case "EADDRNOTAVAIL":
        return "this machine does not have the address";
      case "EACCES":
        return "the port needs more rights than this process has";
    }
  }
  return cause instanceof Error ? cause.message : String(cause);
}
