// Interim shapes, written by hand until the server writes its OpenAPI document.

export interface paths {
  '/api/v1/site': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['SiteInfo'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/setup': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': components['schemas']['Setup'] } };
      responses: {
        201: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Account'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/accounts': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': components['schemas']['NewAccount'] } };
      responses: {
        201: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Account'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sessions': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['LoginSessionPage'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': components['schemas']['NewSession'] } };
      responses: {
        201: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['OpenedSession'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sessions/current': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post?: never;
    delete: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/sessions/{id}': {
    parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
    get?: never;
    put?: never;
    post?: never;
    delete: {
      parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
      requestBody?: never;
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Me'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': components['schemas']['ProfileChanges'] } };
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Me'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    trace?: never;
  };
  '/api/v1/me/password': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': components['schemas']['PasswordChange'] } };
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/movies': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: { cursor?: string; limit?: number; q?: string; tag?: string; category?: string; price?: 'all' | 'free' | 'paid'; sort?: 'newest' | 'title' | 'popular' }; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['MoviePage'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/movies/{id}': {
    parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['MovieDetail'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/movies/{id}/orders': {
    parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header: { 'Idempotency-Key': string }; path: { id: string }; cookie?: never };
      requestBody?: never;
      responses: {
        201: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Order'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/movies/{id}/playback': {
    parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Playback'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/movies/{id}/position': {
    parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
    get?: never;
    put: {
      parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
      requestBody: { content: { 'application/json': components['schemas']['NewPosition'] } };
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/movies/{id}/downloads': {
    parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
      requestBody?: never;
      responses: {
        201: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Ticket'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/downloads': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: { cursor?: string; limit?: number }; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['DownloadRecordPage'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/plans': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['PlanPage'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/membership': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header: { 'Idempotency-Key': string }; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': components['schemas']['NewMembership'] } };
      responses: {
        201: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Membership'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/wallet': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['Wallet'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/ledger': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: { cursor?: string; limit?: number }; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['LedgerEntryPage'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me/vouchers': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': components['schemas']['RedeemVoucher'] } };
      responses: {
        201: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['LedgerEntry'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/notices': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query?: { cursor?: string; limit?: number; after?: string }; header?: never; path?: never; cookie?: never };
      requestBody?: never;
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['NoticePage'] } };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/notices/read': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      requestBody: { content: { 'application/json': components['schemas']['ReadUpTo'] } };
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never };
        default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}

export interface components {
  schemas: {
    SiteInfo: { name: string; currency: string; currency_digits: number; vip_price_percent: number; registration_open: boolean; setup_needed: boolean };
    Problem: { type: string; title: string; status: number; code: string; detail: string; request_id: string; errors?: { field: string; code: string; detail: string }[] };
    Setup: { token: string; username: string; password: string };
    NewAccount: { username: string; password: string; real_name?: string | null; phone?: string | null; address?: string | null; email?: string | null; locale?: string | null };
    Account: { id: string; username: string; real_name: string | null; role: 'member' | 'admin'; is_vip: boolean; vip_until: string | null; is_locked: boolean; created_at: string };
    Me: components['schemas']['Account'] & { phone: string | null; address: string | null; email: string | null; locale: string | null; balance: number; unread_notices: number; drive: { used: number; quota: number } };
    ProfileChanges: { real_name?: string | null; phone?: string | null; address?: string | null; email?: string | null; locale?: string | null };
    PasswordChange: { current_password: string; new_password: string };
    NewSession: { username: string; password: string; device?: string | null };
    OpenedSession: { token: string; expires_at: string; account: components['schemas']['Account'] };
    LoginSession: { id: string; device: string; address: string | null; created_at: string; last_seen_at: string; expires_at: string; current: boolean };
    LoginSessionPage: { items: components['schemas']['LoginSession'][]; next_cursor: string | null };
    Movie: { id: string; title: string; description: string; tags: string[]; category: string | null; price: number; state: 'processing' | 'published' | 'failed'; publish_at: string | null; duration: number | null; width: number | null; height: number | null; size: number; blake3: string | null; sha256: string | null; md5: string | null; poster_url: string | null; created_at: string; deleted_at: string | null };
    MoviePage: { items: components['schemas']['Movie'][]; next_cursor: string | null };
    MovieDetail: components['schemas']['Movie'] & { your_price: number; owned: boolean; position: number; renditions: { name: string; width: number | null; height: number | null; size: number }[] };
    Order: { id: string; movie_id: string; price: number; created_at: string };
    Playback: { sources: { type: string; url: string; width: number | null; height: number | null }[]; subtitles: { url: string; language: string; label: string }[]; sprites: string | null; position: number; expires_at: string };
    NewPosition: { seconds: number };
    Ticket: { id: string; url: string; wait_seconds: number; available_at: string; expires_at: string; size: number; file_name: string };
    DownloadRecord: { id: string; movie_id: string; title: string; price_paid: number; created_at: string; bytes_sent: number; size: number; state: 'waiting' | 'ready' | 'running' | 'paused' | 'completed' | 'aborted' | 'expired' };
    DownloadRecordPage: { items: components['schemas']['DownloadRecord'][]; next_cursor: string | null };
    Plan: { id: string; title: string; days: number; price: number };
    PlanPage: { items: components['schemas']['Plan'][]; next_cursor: string | null };
    NewMembership: { plan: string };
    Membership: { is_vip: boolean; vip_until: string; price: number; balance: number };
    Wallet: { balance: number; currency: string; currency_digits: number };
    LedgerEntry: { id: string; amount: number; balance_after: number; kind: 'credit' | 'voucher' | 'order' | 'membership' | 'adjustment'; note: string; order_id: string | null; created_at: string };
    LedgerEntryPage: { items: components['schemas']['LedgerEntry'][]; next_cursor: string | null };
    RedeemVoucher: { code: string };
    Notice: { id: string; title: string; body: string; body_html: string; pinned: boolean; read: boolean; author: string; created_at: string; updated_at: string };
    NoticePage: { items: components['schemas']['Notice'][]; next_cursor: string | null };
    ReadUpTo: { up_to: string };
  };
}
