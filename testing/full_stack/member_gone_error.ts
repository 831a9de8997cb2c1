/** A request did not get to a member, or the member died with it. */
export class MemberGoneError extends Error {
  readonly code = "MEMBER_GONE";
  /** Whether the request may have got there. */
  readonly wasThere: boolean;

  constructor(id: string, options: { readonly wasThere: boolean }) {
    super(`${id} is gone`);
    this.name = "MemberGoneError";
    this.wasThere = options.wasThere;
  }
}
