/** The answer that whoever has died gets. */
export function never<Value>(): Promise<Value> {
  return new Promise(() => {});
}
