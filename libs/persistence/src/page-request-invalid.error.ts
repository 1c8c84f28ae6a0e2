/** Which field of a page request cannot be used. */
export type PageRequestInvalidCode = 'page_size_out_of_range' | 'page_token_invalid';

/** A page was asked for in a way that names none. */
export class PageRequestInvalid extends Error {
  override readonly name = 'PageRequestInvalid';

  constructor(
    readonly code: PageRequestInvalidCode,
    options?: ErrorOptions,
  ) {
    super(`the page request is refused: ${code}`, options);
  }
}
