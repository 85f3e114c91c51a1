// Generated from docs/openapi.json by `npm run api`.

export interface paths {
    "/frequently_bought_together": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Frequently Bought Together
         * @description What is in one basket with these items more often than chance lets expect, with the evidence; else similar items.
         */
        get: operations["frequently_bought_together_frequently_bought_together_get"];
        put?: never;
        post?: never;
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
        /**
         * Live
         * @description 200 while no background loop hangs; a 503 names the loops that hang.
         */
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
        /**
         * Ready
         * @description 200 after the tails were read to their ends and every release record was tried; a 503 names what is missing.
         */
        get: operations["ready_health_ready_get"];
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
        /**
         * Items
         * @description A page of items in stock, in the order of their ids.
         */
        get: operations["items_items_get"];
        put?: never;
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
        /**
         * Item
         * @description One item of the catalogue, with whether it is in stock.
         */
        get: operations["item_items__item_id__get"];
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
        /**
         * Metrics
         * @description For Prometheus; not through the edge.
         */
        get: operations["metrics_metrics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Models
         * @description The version that serves the caller's tenant in this slot: since when, release weights, metrics of the bundle.
         */
        get: operations["models_models_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/popular": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Popular
         * @description Best-sellers of now, within the filters; with a context, those of shoppers in the same place or with the same device.
         */
        get: operations["popular_popular_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recommend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Recommend By Query
         * @description The same as `POST /recommend`, as a query.
         */
        get: operations["recommend_by_query_recommend_get"];
        put?: never;
        /**
         * Recommend
         * @description The shopper's list; `ladder` says which parts were unavailable. Only a slot that has just started may answer 503.
         */
        post: operations["recommend_recommend_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recommend/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Recommend Batch
         * @description The lists of one page in one call, as of one instant; no item is in two of them. Each is as `POST /recommend` has it.
         */
        post: operations["recommend_batch_recommend_batch_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/similar_items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Similar Items
         * @description Items similar to one item; if the bundle does not have the item, best-sellers of its category.
         */
        get: operations["similar_items_similar_items_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/slot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Assignments
         * @description The code that this slot runs and the versions that it serves per tenant, for rollout; not through the edge.
         */
        get: operations["assignments_slot_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/trending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Trending
         * @description What rises: items with more events lately than their longer habit lets expect; best-sellers follow.
         */
        get: operations["trending_trending_get"];
        put?: never;
        post?: never;
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
        /**
         * A shopper's data
         * @description The stored profile of a shopper and of the guests that became this shopper, and where something is kept until when.
         *
         *     Needs a key with all scopes. `DELETE /users/{id}` erases the shopper; guests are shoppers of their own.
         */
        get: operations["user_users__user_id__get"];
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
         * BatchAnswer
         * @description The lists of a page, in the order of the request.
         */
        BatchAnswer: {
            /** Lists */
            lists: components["schemas"]["PageList"][];
            /** Took Ms */
            took_ms: number;
        };
        /**
         * BatchRequest
         * @description `POST /recommend/batch`: the lists of one page, of one shopper.
         */
        BatchRequest: {
            /**
             * Cart
             * @description items in the cart: never in the list, nor others of their groups; they count as the shopper's newest actions
             * @default []
             */
            cart?: string[];
            /**
             * @default {
             *       "country": null,
             *       "device": null,
             *       "os": null,
             *       "region": null
             *     }
             */
            context?: components["schemas"]["Context"];
            /**
             * Lists
             * @description in the order of the page; no item is in two of them
             */
            lists: components["schemas"]["Rail"][];
            /** User Id */
            user_id: string;
            /**
             * Viewed
             * @description items looked at in this visit, newest first, if no events tell of them; enough for a shopper without a history
             * @default []
             */
            viewed?: string[];
        };
        /**
         * CompanionItem
         * @description One place of a list of what is bought together.
         */
        CompanionItem: {
            /**
             * Brand
             * @default null
             */
            brand?: string | null;
            /**
             * Category Path
             * @default null
             */
            category_path?: string[] | null;
            /**
             * Currency
             * @default null
             */
            currency?: string | null;
            /**
             * @description absent where the list is made in another way
             * @default null
             */
            evidence?: components["schemas"]["Evidence"] | null;
            /**
             * @description with `explain`
             * @default null
             */
            explanation?: components["schemas"]["Explanation"] | null;
            /**
             * Group Id
             * @default null
             */
            group_id?: string | null;
            /**
             * Image Url
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
            /** Rank */
            rank: number;
            /** Reason */
            reason: string;
            /** Score */
            score: number;
            /** Sources */
            sources: string[];
            /**
             * Tags
             * @default null
             */
            tags?: string[] | null;
            /**
             * Title
             * @default null
             */
            title?: string | null;
        };
        /**
         * Context
         * @description The shopper's current context; replaces stored values.
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
             * Region
             * @description the user id of the shop's events
             * @default null
             */
            region?: string | null;
        };
        /**
         * Evidence
         * @description The baskets that prove a place.
         */
        Evidence: {
            /**
             * Baskets
             * @description with both items
             */
            baskets: number;
            /**
             * Lift
             * @description baskets with both, by those that chance lets expect
             */
            lift: number;
            /**
             * Lift Interval
             * @description 95 % interval of the lift; above 1
             */
            lift_interval: [
                number,
                number
            ];
            /**
             * Share
             * @description of the baskets with that item
             */
            share: number;
            /**
             * With Item Id
             * @description the asked item that the evidence is about: that with the largest share
             */
            with_item_id: string;
        };
        /**
         * Experiment
         * @description The release and the arm that answered.
         */
        Experiment: {
            /**
             * Arm
             * @enum {string}
             */
            arm: "stable" | "challenger" | "previous" | "none";
            /** Name */
            name: string | null;
        };
        /**
         * Explanation
         * @description How often the shopper ordered an item; with `explain=inputs` also the ranker's inputs.
         */
        Explanation: {
            /**
             * Days Between Orders
             * @description mean; null before the second order
             */
            days_between_orders: number | null;
            /**
             * Inputs
             * @default null
             */
            inputs?: {
                [key: string]: number | null;
            } | null;
            /**
             * Orders
             * @description null if no ranker scored the item
             */
            orders: number | null;
            /**
             * Retrievers
             * @description each retriever's score
             * @default null
             */
            retrievers?: {
                [key: string]: number;
            } | null;
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
         * Filters
         * @description Which items may be in the list.
         */
        Filters: {
            /**
             * Available
             * @default true
             */
            available?: boolean;
            /**
             * Brand
             * @default null
             */
            brand?: string | null;
            /**
             * Category
             * @description only items whose category path begins with these names, root first
             * @default []
             */
            category?: string[];
            /**
             * Price Max
             * @description in minor units
             * @default null
             */
            price_max?: number | null;
            /**
             * Price Min
             * @description in minor units
             * @default null
             */
            price_min?: number | null;
        };
        /**
         * GuestProfile
         * @description A guest that became this shopper.
         */
        GuestProfile: {
            profile: components["schemas"]["ShopperProfile"];
            /** User Id */
            user_id: string;
        };
        /** HTTPValidationError */
        HTTPValidationError: {
            /** Detail */
            detail?: components["schemas"]["ValidationError"][];
        };
        /**
         * ItemBundle
         * @description The asked items with the first two of the list.
         */
        ItemBundle: {
            /** Currency */
            currency: string | null;
            /** Item Ids */
            item_ids: string[];
            /**
             * Price Minor
             * @description of all; null if one has no price, or another currency
             */
            price_minor: number | null;
        };
        /**
         * ItemPage
         * @description A page of the catalogue; `next_cursor` is null on the last page.
         */
        ItemPage: {
            /** Items */
            items: components["schemas"]["ShownItem"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * KeptPlace
         * @description A place that may hold something of the shopper.
         */
        KeptPlace: {
            /** Holds */
            holds: string;
            /** Place */
            place: string;
            /** Until */
            until: string;
        };
        /**
         * KindCounter
         * @description Decayed sums of one kind of action, by half-life, as of the newest one.
         */
        KindCounter: {
            /** Kind */
            kind: string;
            /**
             * Newest At
             * Format: date-time
             */
            newest_at: string;
            /** Sums */
            sums: {
                [key: string]: number;
            };
        };
        /**
         * KnownShopper
         * @description The profile of a shopper.
         */
        KnownShopper: {
            /** Country */
            country: string | null;
            /** Device */
            device: string | null;
            /** N Events */
            n_events: number;
            /** Os */
            os: string | null;
            /** Region */
            region: string | null;
        };
        /**
         * LastContext
         * @description Where the shopper was last.
         */
        LastContext: {
            /** Country */
            country: string | null;
            /** Device */
            device: string | null;
            /** Os */
            os: string | null;
            /** Region */
            region: string | null;
        };
        /**
         * ListAnswer
         * @description The answer of a request for one list.
         */
        ListAnswer: {
            /**
             * Attribution
             * @description send it with the events that follow from this list; it is valid for this shopper, for 7 days, and counts for the items of the list. Null for a list without a shopper: a server names the shopper in the header x-recommndr-user
             */
            attribution: string | null;
            experiment: components["schemas"]["Experiment"];
            /** Items */
            items: components["schemas"]["ListedItem"][];
            /**
             * Ladder
             * @enum {string}
             */
            ladder: "full" | "no_ranker" | "no_user_features" | "contextual_popularity" | "static";
            /**
             * Method Used
             * @description what ordered the list: ranker, weighted (the blended scores of the retrievers), the name of one retriever, similar_… or catalogue; each scope has the method that was best for it
             */
            method_used: string;
            /** Model Version */
            model_version: string | null;
            /** Request Id */
            request_id: string;
            /** Took Ms */
            took_ms: number;
        };
        /**
         * ListedItem
         * @description One place of a list, with the requested catalogue fields.
         */
        ListedItem: {
            /**
             * Brand
             * @default null
             */
            brand?: string | null;
            /**
             * Category Path
             * @default null
             */
            category_path?: string[] | null;
            /**
             * Currency
             * @default null
             */
            currency?: string | null;
            /**
             * @description with `explain`
             * @default null
             */
            explanation?: components["schemas"]["Explanation"] | null;
            /**
             * Group Id
             * @default null
             */
            group_id?: string | null;
            /**
             * Image Url
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
            /** Rank */
            rank: number;
            /** Reason */
            reason: string;
            /** Score */
            score: number;
            /** Sources */
            sources: string[];
            /**
             * Tags
             * @default null
             */
            tags?: string[] | null;
            /**
             * Title
             * @default null
             */
            title?: string | null;
        };
        /**
         * PageList
         * @description A shopper's list on a page of several.
         */
        PageList: {
            /**
             * Attribution
             * @description send it with the events that follow from this list; it is valid for this shopper, for 7 days, and counts for the items of the list. Null for a list without a shopper: a server names the shopper in the header x-recommndr-user
             */
            attribution: string | null;
            experiment: components["schemas"]["Experiment"];
            /** Items */
            items: components["schemas"]["ListedItem"][];
            /**
             * Ladder
             * @enum {string}
             */
            ladder: "full" | "no_ranker" | "no_user_features" | "contextual_popularity" | "static";
            /**
             * Method Used
             * @description what ordered the list: ranker, weighted (the blended scores of the retrievers), the name of one retriever, similar_… or catalogue; each scope has the method that was best for it
             */
            method_used: string;
            /** Model Version */
            model_version: string | null;
            /** Request Id */
            request_id: string;
            user_profile: components["schemas"]["UserProfile"];
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
         * PurchasedItem
         * @description An item to which the shop's target event happened, usually a purchase.
         */
        PurchasedItem: {
            /**
             * First At
             * Format: date-time
             */
            first_at: string;
            /** Item Id */
            item_id: string;
            /**
             * Last At
             * Format: date-time
             */
            last_at: string;
            /** N Orders */
            n_orders: number;
        };
        /**
         * Rail
         * @description One list of a page.
         */
        Rail: {
            /**
             * Diversity
             * @description 0: by score alone; 1: as different as possible, by category and brand; without it the shop's setting
             * @default null
             */
            diversity?: number | null;
            /**
             * Exclude
             * @description items to leave out, with all other items of their groups of colours and sizes
             * @default []
             */
            exclude?: string[];
            /**
             * Explain
             * @description true: how often the shopper ordered each item; `inputs` (server keys only): also ranker inputs and retriever scores
             * @default false
             */
            explain?: boolean | "inputs";
            /**
             * Fields
             * @description catalogue fields to return with each item
             * @default []
             */
            fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
            /**
             * @default {
             *       "available": true,
             *       "brand": null,
             *       "category": [],
             *       "price_max": null,
             *       "price_min": null
             *     }
             */
            filters?: components["schemas"]["Filters"];
            /**
             * K
             * @description length of the list
             * @default 10
             */
            k?: number;
            /**
             * Max Per Brand
             * @description places at most for items of one brand; without it the shop's setting
             * @default null
             */
            max_per_brand?: number | null;
            /**
             * Max Per Category
             * @description places at most for items of one category (the whole path); without it the shop's setting
             * @default null
             */
            max_per_category?: number | null;
            /**
             * Scope
             * @description discover: never bought (or what the shop's lists aim at); unseen: never acted on at all; buy_again: bought before
             * @default mixed
             * @enum {string}
             */
            scope?: "mixed" | "discover" | "unseen" | "buy_again";
        };
        /**
         * RecentItem
         * @description The newest action with an item.
         */
        RecentItem: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Item Id */
            item_id: string;
            /** Kind */
            kind: string;
        };
        /**
         * RecommendAnswer
         * @description A shopper's list.
         */
        RecommendAnswer: {
            /**
             * Attribution
             * @description send it with the events that follow from this list; it is valid for this shopper, for 7 days, and counts for the items of the list. Null for a list without a shopper: a server names the shopper in the header x-recommndr-user
             */
            attribution: string | null;
            experiment: components["schemas"]["Experiment"];
            /** Items */
            items: components["schemas"]["ListedItem"][];
            /**
             * Ladder
             * @enum {string}
             */
            ladder: "full" | "no_ranker" | "no_user_features" | "contextual_popularity" | "static";
            /**
             * Method Used
             * @description what ordered the list: ranker, weighted (the blended scores of the retrievers), the name of one retriever, similar_… or catalogue; each scope has the method that was best for it
             */
            method_used: string;
            /** Model Version */
            model_version: string | null;
            /** Request Id */
            request_id: string;
            /** Took Ms */
            took_ms: number;
            user_profile: components["schemas"]["UserProfile"];
        };
        /**
         * RecommendRequest
         * @description `POST /recommend`.
         */
        RecommendRequest: {
            /**
             * Cart
             * @description items in the cart: never in the list, nor others of their groups; they count as the shopper's newest actions
             * @default []
             */
            cart?: string[];
            /**
             * @default {
             *       "country": null,
             *       "device": null,
             *       "os": null,
             *       "region": null
             *     }
             */
            context?: components["schemas"]["Context"];
            /**
             * Diversity
             * @description 0: by score alone; 1: as different as possible, by category and brand; without it the shop's setting
             * @default null
             */
            diversity?: number | null;
            /**
             * Exclude
             * @description items to leave out, with all other items of their groups of colours and sizes
             * @default []
             */
            exclude?: string[];
            /**
             * Explain
             * @description true: how often the shopper ordered each item; `inputs` (server keys only): also ranker inputs and retriever scores
             * @default false
             */
            explain?: boolean | "inputs";
            /**
             * Fields
             * @description catalogue fields to return with each item
             * @default []
             */
            fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
            /**
             * @default {
             *       "available": true,
             *       "brand": null,
             *       "category": [],
             *       "price_max": null,
             *       "price_min": null
             *     }
             */
            filters?: components["schemas"]["Filters"];
            /**
             * K
             * @description length of the list
             * @default 10
             */
            k?: number;
            /**
             * Max Per Brand
             * @description places at most for items of one brand; without it the shop's setting
             * @default null
             */
            max_per_brand?: number | null;
            /**
             * Max Per Category
             * @description places at most for items of one category (the whole path); without it the shop's setting
             * @default null
             */
            max_per_category?: number | null;
            /**
             * Scope
             * @description discover: never bought (or what the shop's lists aim at); unseen: never acted on at all; buy_again: bought before
             * @default mixed
             * @enum {string}
             */
            scope?: "mixed" | "discover" | "unseen" | "buy_again";
            /** User Id */
            user_id: string;
            /**
             * Viewed
             * @description items looked at in this visit, newest first, if no events tell of them; enough for a shopper without a history
             * @default []
             */
            viewed?: string[];
        };
        /**
         * ShopperData
         * @description What the platform keeps of a shopper.
         * @example {
         *       "guests": [],
         *       "kept": [
         *         {
         *           "holds": "every event",
         *           "place": "recommndr.events.v1",
         *           "until": "72 h after it was written"
         *         }
         *       ],
         *       "profile": {
         *         "context": {
         *           "country": "DE",
         *           "device": "phone",
         *           "os": "ios",
         *           "region": null
         *         },
         *         "counters": [
         *           {
         *             "kind": "purchase",
         *             "newest_at": "2026-03-01T12:00:00+00:00",
         *             "sums": {
         *               "120d": 1.98,
         *               "1d": 1.13,
         *               "1h": 1,
         *               "30d": 1.93,
         *               "7d": 1.74
         *             }
         *           }
         *         ],
         *         "n_events": 2,
         *         "n_owned": 1,
         *         "n_seen": 0,
         *         "purchased": [
         *           {
         *             "first_at": "2026-02-26T12:00:00+00:00",
         *             "item_id": "milk",
         *             "last_at": "2026-03-01T12:00:00+00:00",
         *             "n_orders": 2
         *           }
         *         ],
         *         "recent": [
         *           {
         *             "at": "2026-03-01T12:00:00+00:00",
         *             "item_id": "milk",
         *             "kind": "purchase"
         *           }
         *         ]
         *       },
         *       "user_id": "u42"
         *     }
         */
        ShopperData: {
            /** Guests */
            guests: components["schemas"]["GuestProfile"][];
            /** Kept */
            kept: components["schemas"]["KeptPlace"][];
            profile: components["schemas"]["ShopperProfile"];
            /** User Id */
            user_id: string;
        };
        /**
         * ShopperProfile
         * @description The stored profile of one id.
         */
        ShopperProfile: {
            context: components["schemas"]["LastContext"];
            /** Counters */
            counters: components["schemas"]["KindCounter"][];
            /** N Events */
            n_events: number;
            /**
             * N Owned
             * @description items ever purchased, kept as fingerprints; null for more than 511
             */
            n_owned: number | null;
            /**
             * N Seen
             * @description items with any other action, kept as fingerprints; null for more than 511
             */
            n_seen: number | null;
            /**
             * Purchased
             * @description up to 500 items
             */
            purchased: components["schemas"]["PurchasedItem"][];
            /**
             * Recent
             * @description up to 50 items, newest first
             */
            recent: components["schemas"]["RecentItem"][];
        };
        /**
         * ShownItem
         * @description A catalogue item and whether it is in stock now.
         */
        ShownItem: {
            /** Available */
            available: boolean;
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
         * TogetherAnswer
         * @description What is bought together.
         */
        TogetherAnswer: {
            /**
             * Attribution
             * @description send it with the events that follow from this list; it is valid for this shopper, for 7 days, and counts for the items of the list. Null for a list without a shopper: a server names the shopper in the header x-recommndr-user
             */
            attribution: string | null;
            /** @description null without evidence */
            bundle: components["schemas"]["ItemBundle"] | null;
            experiment: components["schemas"]["Experiment"];
            /** Items */
            items: components["schemas"]["CompanionItem"][];
            /**
             * Ladder
             * @enum {string}
             */
            ladder: "full" | "no_ranker" | "no_user_features" | "contextual_popularity" | "static";
            /**
             * Method Used
             * @description what ordered the list: ranker, weighted (the blended scores of the retrievers), the name of one retriever, similar_… or catalogue; each scope has the method that was best for it
             */
            method_used: string;
            /** Model Version */
            model_version: string | null;
            /** Request Id */
            request_id: string;
            /** Took Ms */
            took_ms: number;
        };
        /**
         * UserProfile
         * @description The stored values (null if unreadable), the used values, and which fields of the context replaced stored ones.
         */
        UserProfile: {
            /** Overrides Applied */
            overrides_applied: string[];
            stored: components["schemas"]["KnownShopper"] | null;
            used: components["schemas"]["KnownShopper"] | null;
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
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    frequently_bought_together_frequently_bought_together_get: {
        parameters: {
            query: {
                /** @description length of the list */
                k?: number;
                /** @description catalogue fields to return with each item */
                fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
                /** @description an item, or several: those of a cart; none of them, nor others of their groups, is in the list */
                item_id: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TogetherAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
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
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
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
    ready_health_ready_get: {
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
    items_items_get: {
        parameters: {
            query?: {
                /** @description only items whose category path begins with these names, root first */
                category?: string[];
                brand?: string | null;
                /** @description in minor units */
                price_min?: number | null;
                /** @description in minor units */
                price_max?: number | null;
                available?: boolean;
                /** @description words that the title contains */
                q?: string | null;
                /** @description `next_cursor` of the previous page */
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the catalogue */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemPage"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
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
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    item_items__item_id__get: {
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
            /** @description The item */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownItem"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
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
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
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
    models_models_get: {
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
    popular_popular_get: {
        parameters: {
            query?: {
                device?: string | null;
                os?: string | null;
                /** @description ISO 3166-1 alpha-2 */
                country?: string | null;
                /** @description the user id of the shop's events */
                region?: string | null;
                /** @description only items whose category path begins with these names, root first */
                category?: string[];
                brand?: string | null;
                /** @description in minor units */
                price_min?: number | null;
                /** @description in minor units */
                price_max?: number | null;
                available?: boolean;
                /** @description length of the list */
                k?: number;
                /** @description catalogue fields to return with each item */
                fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
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
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    recommend_by_query_recommend_get: {
        parameters: {
            query: {
                /** @description only items whose category path begins with these names, root first */
                category?: string[];
                brand?: string | null;
                /** @description in minor units */
                price_min?: number | null;
                /** @description in minor units */
                price_max?: number | null;
                available?: boolean;
                device?: string | null;
                os?: string | null;
                /** @description ISO 3166-1 alpha-2 */
                country?: string | null;
                /** @description the user id of the shop's events */
                region?: string | null;
                user_id: string;
                /** @description items in the cart: never in the list, nor others of their groups; they count as the shopper's newest actions */
                cart?: string[];
                /** @description items looked at in this visit, newest first, if no events tell of them; enough for a shopper without a history */
                viewed?: string[];
                /** @description length of the list */
                k?: number;
                /** @description catalogue fields to return with each item */
                fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
                /** @description discover: never bought (or what the shop's lists aim at); unseen: never acted on at all; buy_again: bought before */
                scope?: "mixed" | "discover" | "unseen" | "buy_again";
                /** @description items to leave out, with all other items of their groups of colours and sizes */
                exclude?: string[];
                /** @description places at most for items of one category (the whole path); without it the shop's setting */
                max_per_category?: number | null;
                /** @description places at most for items of one brand; without it the shop's setting */
                max_per_brand?: number | null;
                /** @description 0: by score alone; 1: as different as possible, by category and brand; without it the shop's setting */
                diversity?: number | null;
                /** @description true: how often the shopper ordered each item; `inputs` (server keys only): also ranker inputs and retriever scores */
                explain?: boolean | "inputs";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecommendAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
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
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    recommend_recommend_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecommendRequest"];
            };
        };
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecommendAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    recommend_batch_recommend_batch_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchRequest"];
            };
        };
        responses: {
            /** @description The lists; header x-recommndr-ladder has the lowest step of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    similar_items_similar_items_get: {
        parameters: {
            query: {
                /** @description length of the list */
                k?: number;
                /** @description catalogue fields to return with each item */
                fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
                item_id: string;
                by?: "als" | "neighbours" | "blend";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
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
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    assignments_slot_get: {
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
    trending_trending_get: {
        parameters: {
            query?: {
                /** @description only items whose category path begins with these names, root first */
                category?: string[];
                brand?: string | null;
                /** @description in minor units */
                price_min?: number | null;
                /** @description in minor units */
                price_max?: number | null;
                available?: boolean;
                /** @description length of the list */
                k?: number;
                /** @description catalogue fields to return with each item */
                fields?: ("title" | "category_path" | "brand" | "price_minor" | "currency" | "image_url" | "tags" | "group_id")[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list; header x-recommndr-ladder repeats `ladder` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListAnswer"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
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
            /** @description The slot has just started and has not read the shop yet, or it is overloaded: ask again after retry-after */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
        };
    };
    user_users__user_id__get: {
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
            /** @description The shopper's data */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShopperData"];
                };
            };
            /** @description A field is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description Unknown or expired credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description The credential does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
                };
            };
            /** @description No event of this shopper is known, or the shopper is erased */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemAnswer"];
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
            /** @description The online store of shoppers does not answer: ask again after retry-after */
            503: {
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
