const preset = require('../../jest.preset.cjs');

// Passwords are hashed and keys generated for real, on machines that may be busy.
module.exports = { ...preset('auth-service', { stores: true }), testTimeout: 30_000 };
