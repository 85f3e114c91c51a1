// Generated from docs/openapi-rollout.json by `npm run api`.

export interface paths {
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
         * StepFigures
         * @description The newest step of the release record.
         */
        StepFigures: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** By */
            by: string;
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
            last_step: components["schemas"]["StepFigures"] | null;
            /**
             * Phase
             * @enum {string}
             */
            phase: "STEADY" | "WARMING" | "STEP_1" | "STEP_10" | "STEP_50" | "PROMOTED" | "ROLLING_BACK" | "ROLLED_BACK";
            /** Record Version */
            record_version: number;
            /** Release Id */
            release_id: string;
            /** Slots */
            slots: components["schemas"]["PlacementFigures"][];
            /** Tenant */
            tenant: string;
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
}
