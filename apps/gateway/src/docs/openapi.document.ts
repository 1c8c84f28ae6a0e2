import { Injectable } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';

/**
 * The OpenAPI document, which can only be built once all handlers are known. It is when somebody asks for it: that takes as
 * long as much of the start, and most gateways are never asked.
 */
@Injectable()
export class OpenApiDocument {
  #build: (() => OpenAPIObject) | undefined;
  #json: string | undefined;

  publish(build: () => OpenAPIObject): void {
    this.#build = build;
  }

  /** @throws TypeError before it was published */
  get json(): string {
    if (this.#build === undefined) throw new TypeError('the OpenAPI document is not published yet');
    this.#json ??= JSON.stringify(this.#build());
    return this.#json;
  }
}
