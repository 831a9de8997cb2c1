/** A wish for another membership or another leader, and of whom. */
export interface Wish {
  readonly member: string;
  readonly what: string;
}
