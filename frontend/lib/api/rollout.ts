// Generated from docs/openapi-rollout.json by `npm run api`.

export interface paths {
    "/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The code release under way, or the last one */
        get: operations["status_code_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/code/{move}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start, pause, resume, promote, roll back a code release, or lift a bar */
        post: operations["make_code__move__post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live */
        get: operations["live_health_live_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Health */
        get: operations["health_health_ready_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics */
        get: operations["metrics_metrics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/figures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Versions and figures of each slot */
        get: operations["ops_figures_ops_figures_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ops/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rates, errors, latency, ladder and clicks of a tenant's slots over a window */
        get: operations["ops_series_ops_series_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rollout/{tenant}/{move}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start, pause, resume, promote, roll back a release, or lift a bar */
        post: operations["make_rollout__tenant___move__post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AlertFigures
         * @description An alert that is firing or pending.
         */
        AlertFigures: {
            /** Labels */
            labels: {
                [key: string]: string;
            };
            /** Muted */
            muted: ("silence" | "other_alert") | null;
            /** Name */
            name: string;
            /** Runbook Url */
            runbook_url: string | null;
            /** Severity */
            severity: string;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /** State */
            state: string;
            /** Summary */
            summary: string;
        };
        /**
         * BarFigures
         * @description A version that failed.
         */
        BarFigures: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Model Version */
            model_version: number;
            /** Reason */
            reason: string;
            /** Version */
            version: string;
        };
        /**
         * BarredCode
         * @description Code that failed: it cannot be released again until somebody lifts the bar.
         */
        BarredCode: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Reason */
            reason: string;
            /** Revision */
            revision: string;
        };
        /**
         * Code
         * @description Code that a slot can run.
         */
        Code: {
            /**
             * Checkout
             * @description folder of the checkout whose environment runs it, natively; empty: the installation's own
             * @default
             */
            checkout?: string;
            /**
             * Revision
             * @description its name: a commit, or the tag of an image
             * @default
             */
            revision?: string;
        };
        /**
         * CodeMoveAsked
         * @description Who asks for a move, and why; `start` and `lift` need a revision.
         */
        CodeMoveAsked: {
            /**
             * By
             * @description name for the audit log
             * @default operator
             */
            by?: string;
            /**
             * Checkout
             * @description natively the folder of the checkout to run
             * @default
             */
            checkout?: string;
            /** Reason */
            reason: string;
            /**
             * Revision
             * @description a commit, or the tag of an image
             * @default
             */
            revision?: string;
        };
        /**
         * CodeRelease
         * @description The record.
         */
        CodeRelease: {
            /**
             * Barred
             * @default []
             */
            barred?: components["schemas"]["BarredCode"][];
            candidate?: components["schemas"]["Code"] | null;
            /** @description what the slot `serving` runs */
            live: components["schemas"]["Code"];
            /**
             * Paused
             * @default false
             */
            paused?: boolean;
            /**
             * Phase
             * @default STEADY
             * @enum {string}
             */
            phase?: "STEADY" | "GATHERING" | "WARMING" | "STEP_1" | "STEP_10" | "STEP_50" | "PROMOTED" | "ROLLING_BACK" | "ROLLED_BACK" | "RENEWING";
            /** @description what ran before the promotion, until its watch is over */
            previous?: components["schemas"]["Code"] | null;
            /**
             * Record Version
             * @description 0 = never saved; grows by one with each save
             * @default 0
             */
            record_version?: number;
            /** Release Id */
            release_id: string;
            /**
             * Schema Version
             * @default 1
             * @constant
             */
            schema_version?: 1;
            /**
             * Serving
             * @description the slot of every shop's stable version
             * @enum {string}
             */
            serving: "blue" | "green";
            /**
             * Since
             * @description when the phase began
             */
            since?: string | null;
            /**
             * Steps
             * @default []
             */
            steps?: components["schemas"]["CodeStep"][];
            /**
             * Weight
             * @description basis points of every shop's traffic for the candidate
             * @default 0
             */
            weight?: number;
            /** Weight Since */
            weight_since?: string | null;
        };
        /**
         * CodeStatus
         * @description The record and what it waits for; no record before the first code release.
         */
        CodeStatus: {
            code: components["schemas"]["CodeRelease"] | null;
            /** Waits */
            waits: string[];
        };
        /**
         * CodeStep
         * @description One change: what, when, why and by whom.
         */
        CodeStep: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** By */
            by: string;
            /**
             * Phase
             * @enum {string}
             */
            phase: "STEADY" | "GATHERING" | "WARMING" | "STEP_1" | "STEP_10" | "STEP_50" | "PROMOTED" | "ROLLING_BACK" | "ROLLED_BACK" | "RENEWING";
            /** Reason */
            reason: string;
        };
        /**
         * Figures
         * @description All figures of the page.
         */
        Figures: {
            /** Alerts */
            alerts: components["schemas"]["AlertFigures"][];
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Prometheus Reached */
            prometheus_reached: boolean;
            /** Slots */
            slots: components["schemas"]["SlotFigures"][];
            stream: components["schemas"]["StreamFigures"];
            /** Tenants */
            tenants: components["schemas"]["TenantFigures"][];
        };
        /** HTTPValidationError */
        HTTPValidationError: {
            /** Detail */
            detail?: components["schemas"]["ValidationError"][];
        };
        /**
         * MoveAsked
         * @description Who asks for a move, and why; `start` and `lift` need a version.
         */
        MoveAsked: {
            /**
             * Bundle Version
             * @description content version of its bundle
             * @default
             */
            bundle_version?: string;
            /**
             * By
             * @description name for the audit log
             * @default operator
             */
            by?: string;
            /**
             * Model Version
             * @description version of the tenant's registered model
             */
            model_version?: number | null;
            /** Reason */
            reason: string;
        };
        /**
         * MoveMade
         * @description The record after the move.
         */
        MoveMade: {
            /**
             * Challenger Weight
             * @description basis points of traffic
             */
            challenger_weight: number;
            /** Paused */
            paused: boolean;
            /** Phase */
            phase: string;
            /** Record Version */
            record_version: number;
            /** Release Id */
            release_id: string;
            /** Tenant */
            tenant: string;
        };
        /**
         * PlacementFigures
         * @description One tenant in one slot; rates and quantiles over the last five minutes.
         */
        PlacementFigures: {
            /** Error Ratio */
            error_ratio: number | null;
            /** Ladder Ratio */
            ladder_ratio: {
                [key: string]: number;
            };
            /** Loaded Version */
            loaded_version: string | null;
            /** Model Version */
            model_version: number | null;
            /** P50 S */
            p50_s: number | null;
            /** P95 S */
            p95_s: number | null;
            /** P99 S */
            p99_s: number | null;
            quality: components["schemas"]["QualityFigures"] | null;
            /** Requests Per S */
            requests_per_s: number | null;
            /**
             * Role
             * @enum {string}
             */
            role: "stable" | "challenger" | "previous" | "idle";
            /** Since S */
            since_s: number | null;
            /**
             * Slot
             * @enum {string}
             */
            slot: "blue" | "green";
            /** Version */
            version: string | null;
            /** Weight Percent */
            weight_percent: number;
        };
        /**
         * QualityFigures
         * @description What training measured of a version, with its 95 % interval.
         */
        QualityFigures: {
            /** High */
            high: number | null;
            /** Low */
            low: number | null;
            /** Metric */
            metric: string;
            /** Value */
            value: number;
        };
        /**
         * Series
         * @description The figures of a tenant at the same instants: every `step_s` from `start_s` (epoch) on.
         */
        Series: {
            /** Lines */
            lines: components["schemas"]["SlotSeries"][];
            /** Prometheus Reached */
            prometheus_reached: boolean;
            /** Start S */
            start_s: number;
            /** Step S */
            step_s: number;
        };
        /**
         * SlotFigures
         * @description One serving process.
         */
        SlotFigures: {
            /** Memory Bytes */
            memory_bytes: number | null;
            /**
             * Slot
             * @enum {string}
             */
            slot: "blue" | "green";
            /** Up */
            up: boolean | null;
        };
        /**
         * SlotSeries
         * @description One figure of one slot, null where nothing was measured.
         */
        SlotSeries: {
            /**
             * Name
             * @enum {string}
             */
            name: "requests_per_s" | "p95_s" | "error_ratio" | "full_ratio" | "click_ratio";
            /** Points */
            points: (number | null)[];
            /**
             * Slot
             * @enum {string}
             */
            slot: "blue" | "green";
        };
        /**
         * StepFigures
         * @description A step of the release record.
         */
        StepFigures: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** By */
            by: string;
            /**
             * Phase
             * @enum {string}
             */
            phase: "STEADY" | "WARMING" | "STEP_1" | "STEP_10" | "STEP_50" | "PROMOTED" | "ROLLING_BACK" | "ROLLED_BACK";
            /** Reason */
            reason: string;
        };
        /**
         * StreamFigures
         * @description From an event to the features of the next answer.
         */
        StreamFigures: {
            /** Freshness P50 S */
            freshness_p50_s: number | null;
            /** Freshness P95 S */
            freshness_p95_s: number | null;
            /** Lag Records */
            lag_records: {
                [key: string]: number;
            };
            /** Services Down */
            services_down: string[];
        };
        /**
         * TenantFigures
         * @description One shop.
         */
        TenantFigures: {
            /** Barred */
            barred: components["schemas"]["BarFigures"][];
            /** Judged At */
            judged_at: string | null;
            last_step: components["schemas"]["StepFigures"] | null;
            /** Next Phase */
            next_phase: ("STEADY" | "WARMING" | "STEP_1" | "STEP_10" | "STEP_50" | "PROMOTED" | "ROLLING_BACK" | "ROLLED_BACK") | null;
            /** Paused */
            paused: boolean;
            /**
             * Phase
             * @enum {string}
             */
            phase: "STEADY" | "WARMING" | "STEP_1" | "STEP_10" | "STEP_50" | "PROMOTED" | "ROLLING_BACK" | "ROLLED_BACK";
            /** Record Version */
            record_version: number;
            /** Refused Moves */
            refused_moves: {
                [key: string]: string;
            };
            /** Release Id */
            release_id: string;
            /** Since */
            since: string | null;
            /** Slots */
            slots: components["schemas"]["PlacementFigures"][];
            /** Steps */
            steps: components["schemas"]["StepFigures"][];
            /** Tenant */
            tenant: string;
            /** Verdicts */
            verdicts: components["schemas"]["VerdictFigures"][];
            /** Waits */
            waits: components["schemas"]["WaitFigures"][];
        };
        /** ValidationError */
        ValidationError: {
            /** Context */
            ctx?: Record<string, never>;
            /** Input */
            input?: unknown;
            /** Location */
            loc: (string | number)[];
            /** Message */
            msg: string;
            /** Error Type */
            type: string;
        };
        /**
         * VerdictFigures
         * @description What one rule says of the release under way.
         */
        VerdictFigures: {
            /**
             * Consequence
             * @enum {string}
             */
            consequence: "act" | "alert" | "observe";
            /** Description */
            description: string;
            /** Finding */
            finding: string;
            /**
             * Health
             * @enum {string}
             */
            health: "healthy" | "failing" | "unknown";
            /** Rule */
            rule: string;
        };
        /**
         * WaitFigures
         * @description One thing that the release waits for; `until`: then it goes on without.
         */
        WaitFigures: {
            /** Told */
            told: string;
            /** Until */
            until: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    status_code_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CodeStatus"];
                };
            };
        };
    };
    make_code__move__post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                move: "start" | "pause" | "resume" | "promote" | "rollback" | "lift";
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeMoveAsked"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CodeRelease"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    live_health_live_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    health_health_ready_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    metrics_metrics_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    ops_figures_ops_figures_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Figures"];
                };
            };
        };
    };
    ops_series_ops_series_get: {
        parameters: {
            query: {
                tenant: string;
                /** @description length of the window, up to now */
                minutes?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    make_rollout__tenant___move__post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tenant: string;
                move: "start" | "pause" | "resume" | "promote" | "rollback" | "lift";
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveAsked"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MoveMade"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
}
