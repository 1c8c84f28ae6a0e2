/** What steps leave for later ones. */
type FactName =
  | 'accessToken'
  | 'apiKey'
  | 'apiKeyId'
  | 'email'
  | 'invoiceId'
  | 'nextApiKey'
  | 'orderId'
  | 'orderTotal'
  | 'password'
  | 'sku'
  | 'subject';

/** The memory of one run. */
export class Facts {
  readonly #facts = new Map<FactName, string>();

  keep(name: FactName, value: string): void {
    this.#facts.set(name, value);
  }

  find(name: FactName): string | undefined {
    return this.#facts.get(name);
  }

  /** @throws TypeError when no earlier step has left it */
  recall(name: FactName): string {
    const value = this.#facts.get(name);
    if (value === undefined) throw new TypeError(`no step before this one left the ${name}`);
    return value;
  }
}
