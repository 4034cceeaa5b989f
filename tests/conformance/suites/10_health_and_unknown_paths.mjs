// Health, and what the server says about paths it does not have.

export async function run({ recorder, guest, superuser }) {
    await recorder.step("health as guest", () => guest.health.check());
    await recorder.step("health as superuser", () => superuser.health.check());
    await recorder.raw("health by HEAD", "HEAD", "/api/health");
    await recorder.raw("health by POST", "POST", "/api/health");
    await recorder.raw("unknown path under /api", "GET", "/api/nothing");
    await recorder.raw("unknown deep path", "GET", "/api/collections/a/b/c/d");
    await recorder.raw("unknown path by POST", "POST", "/api/nothing", {
        body: "{}",
        headers: { "content-type": "application/json" },
    });
    await recorder.raw("bare /api", "GET", "/api");
    await recorder.raw("bare /api/", "GET", "/api/");
}
