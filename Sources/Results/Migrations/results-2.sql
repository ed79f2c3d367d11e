-- Tasks that are enqueued if and only if the transaction commits that wrote them here. Workers move them to the broker.

-- A UUID of version 7 (RFC 9562): ids that sort by the time they were made.
CREATE FUNCTION taskqueue_new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(set_bit(set_bit(overlay(
        uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6
    ), 52, 1), 53, 1), 'hex')::uuid
$$;

CREATE TABLE taskqueue_outbox (
    id uuid PRIMARY KEY DEFAULT taskqueue_new_id(),     -- the task's id
    position bigint GENERATED ALWAYS AS IDENTITY,
    task text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',                -- its input
    queue text NOT NULL DEFAULT 'default',
    priority integer NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 9),
    not_before timestamptz,
    expires_at timestamptz,
    unique_key text,
    headers jsonb NOT NULL DEFAULT '{}',
    message bytea,                                      -- the whole message, instead of the columns above
    claimed_until timestamptz,                          -- a worker is moving it
    refusal text                                        -- why the broker will never take it
);
CREATE INDEX taskqueue_outbox_by_position ON taskqueue_outbox (position);

CREATE FUNCTION taskqueue_outbox_rings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY taskqueue_outbox;
    RETURN NULL;
END
$$;
CREATE TRIGGER taskqueue_outbox_rings AFTER INSERT ON taskqueue_outbox
    FOR EACH STATEMENT EXECUTE FUNCTION taskqueue_outbox_rings();
