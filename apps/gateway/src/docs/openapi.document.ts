import { Injectable } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';

/** Holds the OpenAPI document, which can only be built once all handlers are known. */
@Injectable()
export class OpenApiDocument {
  #json: string | undefined;

  publish(document: OpenAPIObject): void {
    this.#json = JSON.stringify(document);
  }

  /** @throws TypeError before it was published */
  get json(): string {
    if (this.#json === undefined) throw new TypeError('the OpenAPI document is not built yet');
    return this.#json;
  }
}
