import { Controller, Delete, Get, Post } from '@nestjs/common';
import { collectAccessDeclarations } from '@sallyport/nest-zero-trust';
import { startTestGateway } from '../gateway.fixture';
import { collectRouteClasses } from './collect-route-classes';
import { LimitAs, routeClassOf } from './route-class';

@Controller()
class Undeclared {
  @Get() get(): void {}
  @Post() post(): void {}
  @Delete() delete(): void {}
  @Get() @LimitAs('session') session(): void {}
}

@Controller()
@LimitAs('admin')
class Declared {
  @Get() get(): void {}
  @Post() @LimitAs('credentials') credentials(): void {}
}

it.each([
  [Undeclared, 'get', 'read'],
  [Undeclared, 'post', 'write'],
  [Undeclared, 'delete', 'write'],
  [Undeclared, 'session', 'session'],
  [Declared, 'get', 'admin'],
  [Declared, 'credentials', 'credentials'],
] as const)('of %p.%s is %s', (controller, method, routeClass) => {
  const handler = (controller.prototype as unknown as Record<string, object>)[method] ?? {};
  expect(routeClassOf(controller, handler)).toBe(routeClass);
});

it('every handler takes its requests from the quota that this table names', async () => {
  const { app, close } = await startTestGateway();
  const routeClass = collectRouteClasses(app);
  expect(() => routeClass('OrdersController.forget')).toThrow(TypeError);
  const table = collectAccessDeclarations(app).map(
    ({ target, handler }) => `${target} | ${routeClass(handler)}`,
  );
  await close();
  expect(table.join('\n')).toMatchSnapshot();
});
