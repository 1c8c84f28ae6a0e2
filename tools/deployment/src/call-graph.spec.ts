import { callGraph } from './call-graph';

it('is the edges between services that the handlers declare, and no other', async () => {
  const edges = await callGraph();
  expect(edges.map(({ caller, service, transport }) => `${caller} -> ${service} ${transport}`))
    .toMatchInlineSnapshot(`
    [
      "gateway -> auth-service grpc",
      "gateway -> auth-service http",
      "gateway -> billing-service grpc",
      "gateway -> orders-service grpc",
      "orders-service -> auth-service http",
      "orders-service -> billing-service grpc",
    ]
  `);
});
