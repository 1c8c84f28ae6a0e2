// Whether this container's service is ready, for a HEALTHCHECK: exit code 0 or 1. Asks the operations port.
const port = (process.env.OPS_LISTEN ?? '').split(':').at(-1) || '9100';
try {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
    signal: AbortSignal.timeout(4_000),
  });
  process.stdout.write(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  process.stdout.write(`${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
