// supabase_invoke.cjs: real supabase-js calls against a service; prints what its caller would see.
//
//     node supabase_invoke.cjs http://127.0.0.1:8080 <e-mail>      (NODE_PATH names the node_modules)
//
// SPDX-License-Identifier: MIT
const { createClient, FunctionsHttpError, FunctionsFetchError } = require('@supabase/supabase-js');

const [base, email] = process.argv.slice(2);
// Node 20 has no WebSocket, and the client will not be made without one. No call here uses it.
const supabase = createClient(base, 'anon-key', { realtime: { transport: class {} } });
const track = 'make-server-b43c05fb/track-event';
const event = {
    event_type: 'booking.completed',
    customer: { id: `id-${email}`, email, name: 'John Doe' },
    event_data: { total_amount: 450.0 },
    session: { session_id: 'sess_1', device: 'desktop', browser: 'Chrome' },
};

async function call(name, options) {
    const { data, error } = await supabase.functions.invoke(name, options);
    if (!error)
        return { data };
    const seen = { error: error.message, http: error instanceof FunctionsHttpError,
                   fetch: error instanceof FunctionsFetchError };
    if (seen.http)
        Object.assign(seen, { status: error.context.status, body: await error.context.json() });
    return seen;
}

async function main() {
    const form = new FormData();
    form.append('event_type', 'form.submitted');
    form.append('customer.email', email);
    const text = JSON.stringify(event);
    const seen = {
        object: await call(track, { body: event }),
        string: await call(track, { body: text }),
        blob: await call(track, { body: new Blob([text]) }),
        buffer: await call(track, { body: new TextEncoder().encode(text).buffer }),
        form: await call(track, { body: form }),
        region: await call(track, { body: event, region: 'us-east-1' }),
        anonymous: await call(track, { body: { event_type: 'page.viewed' } }),
        faulty: await call(track, { body: { event_type: '', customer: { email: 5 } } }),
        nothing: await call(track, {}),
        missing: await call('make-server-b43c05fb/no-such-thing', { body: {} }),
        health: await call('make-server-b43c05fb/health', { method: 'GET' }),
    };
    console.log(JSON.stringify(seen));
}

main();
