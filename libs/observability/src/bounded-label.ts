/** What stands for every value that is one too many, or not of the form of a label's values. */
export const OTHER = 'other';

const FORM = /^[\w][\w ./:*{}-]{0,127}$/;

/**
 * The values of one label: the first so many that occur, each of them a name as code writes it. Whatever comes beyond is
 * {@link OTHER}. So what callers send can never make the number of a metric's series grow without end, even where a value
 * is theirs by mistake.
 */
export class BoundedLabel {
  readonly #known = new Set<string>();

  /** @param most values beside `other` */
  constructor(private readonly most: number) {}

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (!FORM.test(value) || this.#known.size >= this.most) return OTHER;
    this.#known.add(value);
    return value;
  }
}
