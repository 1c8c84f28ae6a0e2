import { Injectable, type ExecutionContext } from '@nestjs/common';
import type { AccessDeclaration } from '@sallyport/nest-zero-trust';

/** Which handlers declare `@Public()`. Until it is told, none does: what is not known to be public is authenticated. */
@Injectable()
export class PublicHandlers {
  #names: ReadonlySet<string> = new Set();

  /** Takes the access declarations of the application, once all its handlers are known. */
  learn(declarations: readonly AccessDeclaration[]): void {
    const open = declarations.filter(({ identity }) => identity === 'public');
    this.#names = new Set(open.map(({ handler }) => handler));
  }

  include(context: ExecutionContext): boolean {
    return this.#names.has(`${context.getClass().name}.${context.getHandler().name}`);
  }
}
