//! Mail that anybody can ask for, by an address: whether there is an account of it, and whether a mail was sent, shows
//! neither in the reply nor in the time that it takes.

use backspin_core::{Database, Platform, Result, Transaction, Value};
use backspin_mail::{Message, Values, render};
use backspin_records::RequestInfo;
use backspin_schema::collection::{AuthOptions, EmailTemplate};
use backspin_schema::{App, AuthRecord};

use crate::client::Client;
use crate::found::{Gate, find_by_email, open};
use crate::mailed_token::Purpose;
use crate::rate_limit::{Endpoint, check_rate, too_many_requests};
use crate::throttle::{Counter, Device, Policy, take, take_in};
use crate::verification::Address;

/// To one address, for one purpose: as long as PocketBase.
const REPEATED: Policy = Policy { free: 1, pause_ms: 120_000, pause_ms_max: 120_000, kept_ms: 120_000 };
/// To one address, for one purpose, from all accounts that say it is theirs: more than any of them may ask for.
const FROM_ACCOUNTS: Policy = Policy { free: 5, pause_ms: 15_000, pause_ms_max: 60_000, kept_ms: 600_000 };
/// From one network, to whomever.
const FROM_NETWORK: Policy = Policy { free: 60, pause_ms: 1_000, pause_ms_max: 60_000, kept_ms: 600_000 };

const SAVE_SQL: &str = "SAVEPOINT mail";
const UNDO_SQL: &str = "ROLLBACK TO mail";
const RELEASE_SQL: &str = "RELEASE mail";

/// A mail that was asked for.
pub(crate) struct MailRequest<'a> {
    pub(crate) message: Message,
    /// Whether there is an account that it is for.
    pub(crate) is_wanted: bool,
    /// While one of them is closed nothing is sent, and nobody is told.
    pub(crate) repeated: Vec<Counter>,
    pub(crate) device: Device<'a>,
    /// What is to be written if the mail is sent: constant statements with their parameters.
    pub(crate) writes: Vec<(&'static str, Vec<Value>)>,
}

impl MailRequest<'_> {
    /// A mail for `purpose` to an account of the collection, at most once in two minutes. The address is the account's own,
    /// so one that nobody has, spelled nearly like it, keeps no mail back.
    pub(crate) fn now_and_then(
        purpose: &str,
        collection_id: &str,
        message: Message,
        is_wanted: bool,
    ) -> Self {
        let repeated = vec![to_address(purpose, collection_id, message.to(), REPEATED)];
        MailRequest { message, is_wanted, repeated, device: Device::default(), writes: Vec::new() }
    }

    /// A mail for `purpose` to an address that an account says is its own, at most once in two minutes. What other
    /// accounts say of the same address hardly keeps it back.
    pub(crate) fn for_account(purpose: &str, collection_id: &str, record_id: &str, message: Message) -> Self {
        let of_account = format!("{purpose} of {record_id}");
        // Whatever the account says, there is one mailbox behind it.
        let address = message.to().to_lowercase();
        let repeated = vec![
            to_address(&of_account, collection_id, &address, REPEATED),
            to_address(purpose, collection_id, &address, FROM_ACCOUNTS),
        ];
        MailRequest { message, is_wanted: true, repeated, device: Device::default(), writes: Vec::new() }
    }
}

/// A link with a token, which goes to the account with an email whenever somebody names that email.
pub(crate) struct MailedLink {
    pub(crate) endpoint: Endpoint,
    pub(crate) gate: Gate,
    pub(crate) purpose: Purpose,
    /// What requests for it are counted by.
    pub(crate) name: &'static str,
    pub(crate) template: fn(&AuthOptions) -> &EmailTemplate,
    /// Whether an account has a use for it.
    pub(crate) is_for: fn(&AuthRecord) -> bool,
}

impl MailedLink {
    /// Errors: 404 if it is no auth collection; those of the gate; 400 for a body that cannot be read and for what is no
    /// email; 429 for too much mail asked for from one network.
    pub(crate) async fn request(
        &self,
        app: &App<impl Platform>,
        request: &RequestInfo<'_>,
        collection: &str,
        body: Result<Address>,
    ) -> Result<()> {
        check_rate(app, request, collection, self.endpoint).await?;
        open(app, collection, self.gate).await?;
        let email = body?.email;
        let found = find_by_email(app, request, collection, self.gate, &email).await?;
        admit(app, &found.client(request)?).await?;
        let (collection, options) = (&found.collection, found.options()?);
        let owner = found.record().filter(|record| (self.is_for)(record));
        let email = found.address(&email);
        let token = self.purpose.issue(app, (collection, options), owner, email, None).await?;
        let record = found.record_or_nobody();
        let values = Values { token: Some(&token), record: Some((collection, &record)), ..Values::default() };
        let message = render((self.template)(options), email, &*found.settings()?, &values)?;
        let mail = MailRequest::now_and_then(self.name, &collection.id, message, owner.is_some());
        send(app, mail).await
    }
}

/// What counts the mails for a purpose to an address.
fn to_address(purpose: &str, collection_id: &str, address: &str, policy: Policy) -> Counter {
    Counter::of(&[purpose, collection_id, address], policy)
}

/// Counts a request for mail, before anything costly is done for it.
///
/// Errors: 429 if too much mail is asked for from where the client is.
pub(crate) async fn admit(app: &App<impl Platform>, client: &Client) -> Result<()> {
    let network = Counter::of(&["mail", &client.network()], FROM_NETWORK);
    match take(app, &[network], Device::default()).await? {
        true => Ok(()),
        false => Err(too_many_requests()),
    }
}

/// Puts the mail into the outbox if it is wanted. Either way the same statements run, and the same is written but
/// for the mail itself.
pub(crate) async fn send(app: &App<impl Platform>, request: MailRequest<'_>) -> Result<()> {
    let sent = app.database().transact(async |transaction| {
        let is_first = take_in(transaction, app.env(), &request.repeated, request.device).await?;
        transaction.execute(SAVE_SQL, Vec::new()).await?;
        for (sql, parameters) in request.writes {
            transaction.execute(sql, parameters).await?;
        }
        backspin_mail::enqueue_in(transaction, app.env(), &request.message).await?;
        if !(request.is_wanted && is_first) {
            transaction.execute(UNDO_SQL, Vec::new()).await?;
        }
        transaction.execute(RELEASE_SQL, Vec::new()).await?;
        Ok(())
    });
    sent.await?;
    backspin_mail::wake(app);
    Ok(())
}
