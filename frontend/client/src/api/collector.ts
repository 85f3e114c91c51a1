// Generated from docs/openapi-collector.json by `npm run api`.

export interface paths {
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send one event or a list of 1-500
         * @description Answers 202 after Kafka has acknowledged. In a list, an invalid event is refused alone.
         */
        post: operations["post_events_events_post"];
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
        get: operations["_live_health_live_get"];
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
        /** Ready */
        get: operations["_ready_health_ready_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Write 1-1,000 whole items; if one is invalid, none is written
         * @description A 400 names up to 20 wrong fields by their position in the list.
         */
        put: operations["put_items_items_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items/{item_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete an item from the catalogue
         * @description Deleting an item that does not exist is accepted too.
         */
        delete: operations["delete_item_items__item_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items/{item_id}/availability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Set whether an item is in stock
         * @description An item out of stock is in no list after 2 s. 404 for an item that is not in the catalogue: put it first.
         */
        patch: operations["patch_availability_items__item_id__availability_patch"];
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
        get: operations["_metrics_metrics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A token for one shopper's browser, 15 minutes
         * @description For the shop's own server, whose key needs the scopes read and events. The shop decides who its shopper is.
         */
        post: operations["post_tokens_tokens_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Erase a shopper's history and profile
         * @description Everything that was acknowledged before is forgotten; what comes later starts anew. An unknown shopper is accepted too.
         *
         *     Needs a key with all scopes. `recommndr erase --report` shows where something is left, and until when.
         */
        delete: operations["delete_user_users__user_id__delete"];
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
         * Availability
         * @description Whether an item is in stock; no record means it is.
         */
        Availability: {
            /** Available */
            available: boolean;
        };
        /**
         * CatalogItem
         * @description One item of a tenant's catalogue.
         */
        CatalogItem: {
            /**
             * Available From
             * @default null
             */
            available_from?: string | null;
            /**
             * Available Until
             * @default null
             */
            available_until?: string | null;
            /**
             * Brand
             * @default null
             */
            brand?: string | null;
            /**
             * Category Path
             * @description root first, leaf last
             * @default []
             */
            category_path?: string[];
            /**
             * Currency
             * @default null
             */
            currency?: string | null;
            /**
             * Group Id
             * @description parent of colours and sizes
             * @default null
             */
            group_id?: string | null;
            /**
             * Image Url
             * @description http:// or https://
             * @default null
             */
            image_url?: string | null;
            /** Item Id */
            item_id: string;
            /**
             * Price Minor
             * @default null
             */
            price_minor?: number | null;
            /**
             * Tags
             * @default []
             */
            tags?: string[];
            /** Title */
            title: string;
        };
        /**
         * ClientIdentify
         * @description A guest logged in as `user_id`; the guest's state is merged into the user's.
         */
        ClientIdentify: {
            /**
             * Attribution
             * @description token of the answer that led here
             * @default null
             */
            attribution?: string | null;
            /**
             * @default {
             *       "country": null,
             *       "device": null,
             *       "os": null,
             *       "page": null,
             *       "referrer": null,
             *       "region": null
             *     }
             */
            context?: components["schemas"]["Context"];
            /**
             * Event Id
             * Format: uuid
             * @description chosen by the client; a repeat is the same event
             */
            event_id: string;
            /** Guest Id */
            guest_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "identify";
            /**
             * Lines
             * @default []
             */
            lines?: unknown[];
            /**
             * Occurred At
             * @description by the client's clock: ISO 8601 with a zone, or seconds or milliseconds since 1970, as a number or a text
             */
            occurred_at: string | number;
            /**
             * Schema Version
             * @default 1
             * @constant
             */
            schema_version?: 1;
            /**
             * Session Id
             * @default null
             */
            session_id?: string | null;
            /** User Id */
            user_id: string;
        };
        /**
         * ClientInteraction
         * @description An action with items.
         */
        ClientInteraction: {
            /**
             * Attribution
             * @description token of the answer that led here
             * @default null
             */
            attribution?: string | null;
            /**
             * @default {
             *       "country": null,
             *       "device": null,
             *       "os": null,
             *       "page": null,
             *       "referrer": null,
             *       "region": null
             *     }
             */
            context?: components["schemas"]["Context"];
            /**
             * Event Id
             * Format: uuid
             * @description chosen by the client; a repeat is the same event
             */
            event_id: string;
            /** Kind */
            kind: ("view" | "click" | "add_to_cart" | "purchase" | "favorite" | "like" | "share" | "dislike" | "remove_from_cart" | "impression") | string;
            /** Lines */
            lines: components["schemas"]["Line"][];
            /**
             * Occurred At
             * @description by the client's clock: ISO 8601 with a zone, or seconds or milliseconds since 1970, as a number or a text
             */
            occurred_at: string | number;
            /**
             * Schema Version
             * @default 1
             * @constant
             */
            schema_version?: 1;
            /**
             * Session Id
             * @default null
             */
            session_id?: string | null;
            /** User Id */
            user_id: string;
        };
        /**
         * ClientSearch
         * @description A shopper searched.
         */
        ClientSearch: {
            /**
             * Attribution
             * @description token of the answer that led here
             * @default null
             */
            attribution?: string | null;
            /**
             * @default {
             *       "country": null,
             *       "device": null,
             *       "os": null,
             *       "page": null,
             *       "referrer": null,
             *       "region": null
             *     }
             */
            context?: components["schemas"]["Context"];
            /**
             * Event Id
             * Format: uuid
             * @description chosen by the client; a repeat is the same event
             */
            event_id: string;
            /**
             * Kind
             * @constant
             */
            kind: "search";
            /**
             * Lines
             * @default []
             */
            lines?: unknown[];
            /**
             * Occurred At
             * @description by the client's clock: ISO 8601 with a zone, or seconds or milliseconds since 1970, as a number or a text
             */
            occurred_at: string | number;
            /** Query */
            query: string;
            /**
             * Schema Version
             * @default 1
             * @constant
             */
            schema_version?: 1;
            /**
             * Session Id
             * @default null
             */
            session_id?: string | null;
            /** User Id */
            user_id: string;
        };
        /**
         * Context
         * @description Where the shopper was; every field may be missing.
         */
        Context: {
            /**
             * Country
             * @description ISO 3166-1 alpha-2
             * @default null
             */
            country?: string | null;
            /**
             * Device
             * @default null
             */
            device?: string | null;
            /**
             * Os
             * @default null
             */
            os?: string | null;
            /**
             * Page
             * @default null
             */
            page?: string | null;
            /**
             * Referrer
             * @default null
             */
            referrer?: string | null;
            /**
             * Region
             * @description ISO 3166-2 as in DE-BY, or the shop's own name of it
             * @default null
             */
            region?: string | null;
        };
        /**
         * ErasureAccepted
         * @description Kafka has acknowledged the erasure.
         */
        ErasureAccepted: {
            /** Event Id */
            event_id: string;
            /** Status */
            status: number;
        };
        /**
         * EventAccepted
         * @description Kafka has acknowledged the event.
         */
        EventAccepted: {
            /** Event Id */
            event_id: string;
            /** Status */
            status: number;
        };
        /**
         * EventOutcome
         * @description One event of a list: accepted if `status` is 202, otherwise `problem` has the reason.
         */
        EventOutcome: {
            /** Event Id */
            event_id: string | null;
            /** @default null */
            problem?: components["schemas"]["ProblemAnswer"] | null;
            /** Status */
            status: number;
        };
        /**
         * EventOutcomes
         * @description One outcome per event of a list, in order.
         */
        EventOutcomes: {
            /** Results */
            results: components["schemas"]["EventOutcome"][];
        };
        /**
         * FieldProblem
         * @description One field that is not as expected.
         */
        FieldProblem: {
            /** Expected */
            expected: string;
            /** Field */
            field: string;
            /** Value */
            value: string;
        };
        /**
         * ItemsAccepted
         * @description Kafka has acknowledged the items.
         */
        ItemsAccepted: {
            /** Accepted */
            accepted: number;
            /** Status */
            status: number;
        };
        /**
         * Line
         * @description One item of an event; the unit of item states and of weights.
         */
        Line: {
            /**
             * Currency
             * @default null
             */
            currency?: string | null;
            /** Item Id */
            item_id: string;
            /**
             * Position
             * @description 0 = first place of the list shown
             * @default null
             */
            position?: number | null;
            /**
             * Price Minor
             * @description price of one unit in minor units of `currency`
             * @default null
             */
            price_minor?: number | null;
            /**
             * Quantity
             * @default 1
             */
            quantity?: number;
        };
        /**
         * ProblemAnswer
         * @description RFC 9457; the first error's field, value and expectation are at the top level.
         */
        ProblemAnswer: {
            /** Detail */
            detail: string;
            /**
             * Errors
             * @default []
             */
            errors?: components["schemas"]["FieldProblem"][];
            /**
             * Expected
             * @default null
             */
            expected?: string | null;
            /**
             * Field
             * @default null
             */
            field?: string | null;
            /** Status */
            status: number;
            /** Title */
            title: string;
            /** Type */
            type: string;
            /**
             * Value
             * @default null
             */
            value?: string | null;
        };
        /**
         * TokenAnswer
         * @description A token, sent as `Authorization: Bearer <token>`, and its expiry.
         */
        TokenAnswer: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Expires In S */
            expires_in_s: number;
            /** Token */
            token: string;
        };
        /**
         * TokenRequest
         * @description `POST /tokens`.
         */
        TokenRequest: {
            /**
             * User Id
             * @description the shopper's id, as in the shop's events
             */
            user_id: string;
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
    post_events_events_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": (components["schemas"]["ClientInteraction"] | components["schemas"]["ClientSearch"] | components["schemas"]["ClientIdentify"]) | (components["schemas"]["ClientInteraction"] | components["schemas"]["ClientSearch"] | components["schemas"]["ClientIdentify"])[];
            };
        };
        responses: {
            /** @description The event is in Kafka */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventAccepted"];
                };
            };
            /** @description A list: one status (202, 400, 403, 413, 429, 503) per event, in order, even when all are 202 */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventOutcomes"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Refused; the problem says what was expected */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    _live_health_live_get: {
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
    _ready_health_ready_get: {
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
    put_items_items_put: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CatalogItem"][];
            };
        };
        responses: {
            /** @description Written */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemsAccepted"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Refused; the problem says what was expected */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    delete_item_items__item_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Written */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemsAccepted"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Refused; the problem says what was expected */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    patch_availability_items__item_id__availability_patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Availability"];
            };
        };
        responses: {
            /** @description Written */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemsAccepted"];
                };
            };
            /** @description The catalogue does not hold this item */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Refused; the problem says what was expected */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    _metrics_metrics_get: {
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
    post_tokens_tokens_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description A token for this shopper's browser */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenAnswer"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Refused; the problem says what was expected */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    delete_user_users__user_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The shopper is forgotten */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureAccepted"];
                };
            };
            /** @description Not written, or it is unknown; send the same request again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Refused; the problem says what was expected */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
}
