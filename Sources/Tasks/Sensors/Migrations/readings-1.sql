-- What sensors said, a table a day, so that a day goes by dropping one.
CREATE TABLE taskqueue_readings (
    sensor_id text NOT NULL,
    read_at timestamptz NOT NULL,
    value double precision NOT NULL,
    deviations double precision NOT NULL,   -- from what the sensor usually says, in standard deviations
    anomaly boolean NOT NULL,
    sensor_type text NOT NULL,
    tank_id text NOT NULL,
    unit text,
    PRIMARY KEY (sensor_id, read_at)        -- a sensor says one thing at one moment
) PARTITION BY RANGE (read_at);

CREATE INDEX taskqueue_readings_by_time ON taskqueue_readings USING brin (read_at) WITH (autosummarize = on);

CREATE TABLE taskqueue_readings_default PARTITION OF taskqueue_readings DEFAULT;

-- What each usually says. Room is left on each page, because these rows change with every reading.
CREATE TABLE taskqueue_sensors (
    sensor_id text PRIMARY KEY,
    count double precision NOT NULL DEFAULT 0,
    mean double precision NOT NULL DEFAULT 0,
    variance double precision NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
