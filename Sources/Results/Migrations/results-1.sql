-- What became of tasks. Cut by id: an id begins with the time it was made, so that a span of ids is a span of time.
CREATE TABLE taskqueue_results (
    id uuid NOT NULL PRIMARY KEY,
    enqueued_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,        -- not shown any more from then on
    fence bigint NOT NULL,                  -- the delivery that came to this end
    attempt integer NOT NULL,
    max_attempts integer,
    task text NOT NULL,
    queue text NOT NULL,
    state text NOT NULL,                    -- SUCCESS, FAILURE, REVOKED
    worker text,
    result jsonb,
    error jsonb,                            -- {"reason", "message", "type"}
    history jsonb,                          -- the attempts before: [{"attempt", "worker", "started_at", …}]
    verbatim bytea                          -- the whole record, where jsonb can't hold a part of it
) PARTITION BY RANGE (id);

CREATE INDEX taskqueue_results_by_task ON taskqueue_results (task, id);
CREATE INDEX taskqueue_results_by_queue ON taskqueue_results (queue, id);
CREATE INDEX taskqueue_results_by_worker ON taskqueue_results (worker, id);
CREATE INDEX taskqueue_results_not_well ON taskqueue_results (state, id) WHERE state <> 'SUCCESS';
CREATE INDEX taskqueue_results_by_time ON taskqueue_results USING brin (enqueued_at) WITH (autosummarize = on);

-- Ids of no span: those made long ago, ahead of time, or by somebody else.
CREATE TABLE taskqueue_results_default PARTITION OF taskqueue_results DEFAULT;

-- Which tasks somebody waits for. Not logged: after a crash of the server those who wait look for themselves.
CREATE UNLOGGED TABLE taskqueue_waits (
    id uuid NOT NULL,
    waiter uuid NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (id, waiter)
);
